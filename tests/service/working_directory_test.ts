/** Where a job may work, when the configuration limits it. */
import assert from "node:assert/strict";
import { checkWorkingDirectory } from "../../src/service/local/working_directory.ts";
import { temporaryDirectory } from "../store/test_store.ts";

Deno.test("allowed_roots: a root itself and what is below it, by whatever name the root is given", async () => {
  using directory = temporaryDirectory();
  const root = `${directory.path}/root`;
  for (const name of ["inner", "..hidden"]) Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  Deno.symlinkSync("root", `${directory.path}/link`);
  for (const allowed of [root, `${directory.path}/link`]) {
    for (const cwd of [root, `${root}/inner`, `${root}/..hidden`, `${directory.path}/link/inner`]) {
      assert.equal((await checkWorkingDirectory(cwd, [["/var/empty-root", allowed]])).cwd, cwd);
    }
  }
});

Deno.test("allowed_roots: neither beside nor above, nor by a link that leads out", async () => {
  using directory = temporaryDirectory();
  const root = `${directory.path}/root`;
  for (const path of [root, `${directory.path}/root-2`]) Deno.mkdirSync(path);
  Deno.symlinkSync("../root-2", `${root}/out`);
  for (const cwd of [directory.path, `${directory.path}/root-2`, `${root}/out`, `${root}/../root-2`]) {
    await assert.rejects(checkWorkingDirectory(cwd, [[root]]), {
      code: "invalid_argument",
      message: /^cwd: .* is outside of allowed_roots/,
    });
  }
});

Deno.test("allowed_roots: not by way of a link and back, which leads elsewhere than the path says", async () => {
  using directory = temporaryDirectory();
  const root = `${directory.path}/root`;
  Deno.mkdirSync(`${root}/deep/deeper`, { recursive: true });
  Deno.symlinkSync("deep/deeper", `${root}/link`);
  await assert.rejects(checkWorkingDirectory(`${root}/link/../..`, [[root]]), { code: "invalid_argument" });
  assert.equal((await checkWorkingDirectory(`${root}/deep/..//deep/`, [[root]])).cwd, `${root}/deep`);
});
