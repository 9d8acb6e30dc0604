/** Paths are built and taken apart by `node:path`: whoever does it by hand has a reason that is written down. */
import assert from "node:assert/strict";
import { sourceFiles } from "./support/doors.ts";
import { isIn, MAY, pathsByHand } from "./support/path_lint.ts";

const FOUND = pathsByHand(sourceFiles(new URL("../", import.meta.url)));

Deno.test("paths: none is built or taken apart by hand, but where it says why", () => {
  assert.deepEqual(FOUND.filter((line) => !Object.keys(MAY).some((place) => isIn(line, place))), []);
});

Deno.test("paths: every reason is still needed", () => {
  assert.deepEqual(Object.keys(MAY).filter((place) => !FOUND.some((line) => isIn(line, place))), []);
});

Deno.test("paths: the lint finds each way to do it by hand, and passes over what is none", () => {
  const findings = (line: string) => pathsByHand([{ path: "src/a.ts", text: line }]);
  for (
    const line of [
      'path.slice(path.lastIndexOf("/") + 1)',
      'path.split("\\\\")',
      "steps.join(sep)",
      'path.startsWith("/")',
      "path.startsWith(`${top}/`)",
      "open(`${directory}/name`)",
      "open(`${directory}/${name}`)",
    ]
  ) assert.equal(findings(line).length, 1, line);
  for (
    const line of [
      "join(directory, name)",
      '// path.split("/") would be wrong',
      'import { a } from "./b/c.ts";',
      'text.split("\\n")',
    ]
  ) assert.deepEqual(findings(line), [], line);
});
