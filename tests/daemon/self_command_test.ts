import assert from "node:assert/strict";
import { selfCommand } from "../../src/daemon/reach/self_command.ts";

const mainModule = "file:///opt/agent-async/main.ts";

Deno.test("a compiled executable is started without options of Deno, even after it was replaced", () => {
  const runtime = { build: { standalone: true }, mainModule, execPath: () => "/opt/agent-async (deleted)" };
  assert.deepEqual(selfCommand(runtime), ["/opt/agent-async"]);
});

Deno.test("from source, the same Deno runs the main module", () => {
  const runtime = { build: { standalone: false }, mainModule, execPath: () => "/usr/bin/deno" };
  assert.deepEqual(selfCommand(runtime), ["/usr/bin/deno", "run", "-A", mainModule]);
});
