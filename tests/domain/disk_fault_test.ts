/** Faults of the disk by their names, and never as a fault of this program. */
import assert from "node:assert/strict";
import { diskFault } from "../../src/domain/disk_fault.ts";
import { failureOf } from "../../src/cli/entry/exit_code.ts";
import { faultText } from "../../src/mcp/views/fault_text.ts";
import { toWireError } from "../../src/service/wire.ts";

const SAID: readonly (readonly [string, string, string])[] = [
  ["No space left on device (os error 28)", "disk_full", "ENOSPC"],
  ["Disk quota exceeded (os error 122)", "disk_full", "EDQUOT"],
  ["database or disk is full", "disk_full", "ENOSPC"],
  ["Input/output error (os error 5): open '/x'", "disk_fault", "EIO"],
  ["disk I/O error", "disk_fault", "EIO"],
  ["Read-only file system (os error 30)", "disk_fault", "EROFS"],
  ["attempt to write a readonly database", "disk_fault", "EROFS"],
  ["Can not write to a read-only database.", "disk_fault", "EROFS"],
  ["Too many open files (os error 24)", "disk_fault", "EMFILE"],
  ["Too many open files in system (os error 23)", "disk_fault", "ENFILE"],
  ["Permission denied (os error 13)", "disk_fault", "EACCES"],
  ["Operation not permitted (os error 1)", "disk_fault", "EPERM"],
  ["Stale file handle (os error 116)", "disk_fault", "ESTALE"],
];

for (const [text, code, name] of SAID) {
  Deno.test(`a disk fault is told by its name and what to do: ${text}`, async () => {
    const error = new Error(text);
    const fault = diskFault(error, "start the job");
    assert.equal(fault?.code, code);
    assert.match(fault?.message ?? "", new RegExp(`^Cannot start the job: .* \\(${name}\\)`));
    assert.ok((fault?.hint ?? "").length > 20);
    const told = await faultText(error, {
      tool: "codex_start",
      jobId: undefined,
      service: { poll: () => Promise.reject(error) },
      logPath: "/log",
      words: { say: (text: string) => text } as Parameters<typeof faultText>[1]["words"],
    });
    const said = [told, JSON.stringify(failureOf(error)), JSON.stringify(toWireError(error))];
    for (const one of said) {
      assert.match(one, new RegExp(name));
      assert.doesNotMatch(one, /fault of agent-async|internal/);
    }
  });
}

Deno.test("what is no fault of the disk stays what it is", () => {
  assert.equal(diskFault(new TypeError("undefined is not a function"), "x"), null);
  assert.equal(diskFault("text", "x"), null);
  assert.equal(toWireError(new Error("a bug")).code, "internal");
});
