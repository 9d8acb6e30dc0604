/** Tests of whether one path lies in another. */
import assert from "node:assert/strict";
import { isWithin } from "../../src/system/files/within.ts";

Deno.test("isWithin: a directory lies in itself, names that begin alike and names with dots do not mislead", () => {
  for (const path of ["/a/b", "/a/b/c", "/a/b/..c", "/a/b/c/../d", "/a/b/"]) {
    assert.ok(isWithin(path, "/a/b"), path);
  }
  for (const path of ["/a", "/", "/a/bc", "/a/b/..", "/a/b/../c", "/x"]) {
    assert.ok(!isWithin(path, "/a/b"), path);
  }
  assert.ok(isWithin("/a", "/"));
});
