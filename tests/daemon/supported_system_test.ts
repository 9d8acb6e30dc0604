import assert from "node:assert/strict";
import { requireSupportedSystem } from "../../src/daemon/serve/supported_system.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";

Deno.test("a daemon runs everywhere, but on Windows not with a Deno that cannot try a lock", () => {
  requireSupportedSystem();
  for (const os of ["linux", "darwin"]) requireSupportedSystem({ os, triesLocks: false });
  requireSupportedSystem({ os: "windows", triesLocks: true });
  assert.throws(
    () => requireSupportedSystem({ os: "windows", triesLocks: false }),
    (error) => isAgentAsyncError(error, "daemon_unreachable") && /Deno/.test(error.hint ?? ""),
  );
});
