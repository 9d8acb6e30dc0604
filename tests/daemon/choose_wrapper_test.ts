import assert from "node:assert/strict";
import { chooseWrapper } from "../../src/daemon/serve/choose_wrapper.ts";
import { ProcessWrapper } from "../../src/kernel/wrapper/process_wrapper.ts";
import { ShellWrapper } from "../../src/kernel/wrapper/shell_wrapper.ts";

Deno.test("a shell runs the turns, and on Windows this program", async () => {
  for (const os of ["linux", "darwin", "freebsd"]) {
    assert.ok(await chooseWrapper(os) instanceof ShellWrapper, os);
  }
  assert.ok(await chooseWrapper("windows") instanceof ProcessWrapper);
});
