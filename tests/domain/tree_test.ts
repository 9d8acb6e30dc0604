/** Which trees meet: of two jobs that write in one and the other, one waits. */
import assert from "node:assert/strict";
import { type Tree, treesMeet } from "../../src/domain/job/tree.ts";

const git = (root: string): Tree => ({ kind: "git", root });
const plain = (root: string): Tree => ({ kind: "plain", root });

Deno.test("trees: a plain directory meets what lies in it, a git tree only itself", () => {
  assert.equal(treesMeet(plain("/a"), git("/a/b")), true);
  assert.equal(treesMeet(git("/a/b"), plain("/a")), true);
  assert.equal(treesMeet(git("/a"), git("/a/b")), false);
  assert.equal(treesMeet(git("/a"), git("/a")), true);
  assert.equal(treesMeet(plain("/a"), plain("/ab")), false);
});

Deno.test("trees: paths of Windows are taken apart at either slash", () => {
  assert.equal(treesMeet(plain("C:\\a"), git("C:\\a\\b")), true);
  assert.equal(treesMeet(plain("C:\\"), plain("C:\\a")), true);
  assert.equal(treesMeet(plain("C:\\a"), plain("C:\\ab")), false);
  assert.equal(treesMeet(plain("C:\\a"), plain("D:\\a\\b")), false);
  assert.equal(treesMeet(plain("C:\\a"), git("C:/a/b")), true);
  assert.equal(treesMeet(plain("\\\\server\\share"), git("\\\\server\\share\\a")), true);
  assert.equal(treesMeet(plain("\\\\?\\C:\\a"), git("\\\\?\\C:\\a\\b")), true);
});

Deno.test("trees: elsewhere a backslash is a letter as any other", () => {
  assert.equal(treesMeet(plain("/a"), git("/a\\b")), false);
  assert.equal(treesMeet(plain("/a\\b"), git("/a\\b/c")), true);
});
