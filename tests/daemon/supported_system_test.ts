import assert from "node:assert/strict";
import { requireSupportedSystem } from "../../src/daemon/supported_system.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";

Deno.test("a daemon runs on Linux and macOS, and on Windows it says what to do instead", () => {
  for (const os of ["linux", "darwin", Deno.build.os]) requireSupportedSystem(os);
  assert.throws(
    () => requireSupportedSystem("windows"),
    (error) => isAgentAsyncError(error, "daemon_unreachable") && /WSL 2/.test(error.hint ?? ""),
  );
});
