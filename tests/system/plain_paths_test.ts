/** Paths without `node:path`, which front-ends do not load: never other than what that module makes of them. */
import assert from "node:assert/strict";
import { basename, dirname, isAbsolute, join, parse } from "node:path";
import {
  isAbsolutePath,
  isRoot,
  nameOf,
  normalPath,
  parentOf,
  pathIn,
} from "../../src/system/files/paths.ts";

const DIRECTORIES = Deno.build.os === "windows"
  ? ["C:\\", "C:\\Users\\me", "C:/Users/me/", "C:\\a\\.\\b\\..\\c", "\\\\server\\share\\x"]
  : ["/", "/home/me", "/home/me/", "/a//b", "/a/./b/../c", "/a b/ü", "/.hidden"];
const NAMES = ["config.json", "./bin", "../bin", ".", "", "a/b", "deep/../flat", " "];

for (const directory of DIRECTORIES) {
  Deno.test(`paths: of ${JSON.stringify(directory)} as node:path has them`, () => {
    for (const name of NAMES) {
      // A separator at the end, which `join` keeps, means nothing for a file.
      const joined = join(directory, name);
      const wanted = parse(joined).root === joined ? joined : joined.replace(/[\\/]$/, "");
      assert.equal(pathIn(directory, name), wanted, name);
    }
    const normal = normalPath(directory);
    assert.equal(parentOf(directory), dirname(normal));
    if (!isRoot(directory)) assert.equal(nameOf(directory), basename(normal));
    assert.equal(isRoot(directory), parse(normal).root === normal);
    assert.equal(isAbsolutePath(directory), isAbsolute(directory));
  });
}

Deno.test("paths: one that is not absolute is told", () => {
  for (const path of ["", "a", "./a", "../a", "~"]) {
    assert.equal(isAbsolutePath(path), isAbsolute(path), path);
  }
});
