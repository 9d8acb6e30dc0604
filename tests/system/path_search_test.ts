/**
 * Tests of room `system`: whether words name a file below a directory.
 *
 * @module
 */
import assert from "node:assert/strict";
import { PathSearch } from "../../src/system/files/path_search.ts";

Deno.test("path search: paths, parts that reach into a file's name, and nothing else", () => {
  const root = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${root}/src/@scope/pkg`, { recursive: true });
    Deno.mkdirSync(`${root}/node_modules/left`, { recursive: true });
    for (
      const path of ["README.md", "src/myTypes.ts", "src/@scope/pkg/index.ts", "node_modules/left/out.js"]
    ) {
      Deno.writeTextFileSync(`${root}/${path}`, "");
    }
    const found = (text: string) => new PathSearch(root).hasPath(text);
    for (const text of ["README.md", "readme", "types", "src", "src/my", "pkg/index", `${root}/src`, ".."]) {
      assert.equal(found(text), true, text);
    }
    for (
      const text of [
        "",
        "scope/pkg",
        "nothing",
        "example.com",
        "left/o",
        "/no/where",
        "a\0b",
        "x".repeat(9_000),
      ]
    ) {
      assert.equal(found(text), false, text);
    }
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
});

Deno.test("path search: a directory that is gone has nothing", () => {
  assert.equal(new PathSearch("/nowhere/at/all").hasPath("x"), false);
});
