import assert from "node:assert/strict";
import { compareVersions } from "../../src/domain/compare_versions.ts";

Deno.test("versions are ordered as semver.org says", () => {
  const ordered = [
    "garbage",
    "0.1.0-alpha",
    "0.1.0-alpha.1",
    "0.1.0-alpha.beta",
    "0.1.0-beta",
    "0.1.0-beta.2",
    "0.1.0-beta.11",
    "0.1.0-rc.1",
    "0.1.0",
    "0.1.1",
    "0.2.0",
    "0.10.0",
    "1.0.0",
  ];
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} and ${b}`);
    }
  }
});

Deno.test("build metadata and a leading v make no difference", () => {
  assert.equal(compareVersions("v1.2.3+abc", "1.2.3"), 0);
});

Deno.test("versions of agents have two parts or four, or letters behind a number", () => {
  const sorted = ["0.9.0", "0.125.0", "0.146.1", "0.169.0-alpha.1", "0.169.0", "1.0", "1.0.1"];
  for (const [index, version] of sorted.entries()) {
    for (const [other, against] of sorted.entries()) {
      assert.equal(
        Math.sign(compareVersions(version, against)),
        Math.sign(index - other),
        `${version} ${against}`,
      );
    }
  }
});

Deno.test("letters behind a number and missing parts make no difference", () => {
  assert.equal(compareVersions("1.2.3rc1", "1.2.3"), 0);
  assert.equal(compareVersions("2026.02", "2026.2.0"), 0);
});
