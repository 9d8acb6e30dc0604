import assert from "node:assert/strict";
import { guardedSignals, guardProcess } from "../../src/daemon/serve/process_guard.ts";
import { silentLog } from "../../src/system/log.ts";
import { eventually } from "../support/eventually.ts";

Deno.test("a rejection that nobody handled is logged, and SIGTERM leaves once", async () => {
  const errors: string[] = [];
  const causes: string[] = [];
  using _guard = guardProcess({
    log: { ...silentLog, error: (message) => errors.push(message) },
    leave: (cause) => causes.push(cause),
  });
  void Promise.reject(new Error("a bug"));
  await eventually(() => errors.length > 0, { what: "the log entry" });
  assert.deepEqual(errors, ["unhandled rejection"]);
  Deno.kill(Deno.pid, "SIGHUP");
  Deno.kill(Deno.pid, "SIGTERM");
  await eventually(() => causes.length > 0, { what: "the signal" });
  assert.deepEqual(causes, ["SIGTERM"]);
});

Deno.test("on Windows only what it knows is listened for", () => {
  assert.deepEqual(guardedSignals("windows"), { leave: ["SIGINT", "SIGBREAK"], ignore: [] });
  assert.deepEqual(guardedSignals("darwin"), { leave: ["SIGTERM", "SIGINT"], ignore: ["SIGHUP"] });
});
