/** What is written of a turn when the disk fails: the accepted file first, and it stays as long as anything else does. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeTurn } from "../../src/scheduler/turn/files.ts";
import { exists } from "../support/exists.ts";
import { KernelHome } from "../support/kernel_home.ts";
import { turnRequest } from "../support/turn_request.ts";

async function written(fail: () => Disposable) {
  await using home = new KernelHome();
  const directory = home.directories.job("abcd2345");
  const turn = { request: turnRequest({ job_id: directory.id }), prompt: "say x", env: { KEY: "value" } };
  {
    using _disk = fail();
    await assert.rejects(writeTurn(directory, turn, { isFirst: true }), /disk/);
  }
  const files = directory.turn(1);
  return { accepted: exists(files.envFile), prompt: exists(join(files.path, "prompt.md")) };
}

Deno.test("writeTurn: where the accepted file cannot be written, nothing is", async () => {
  const { writeSync } = Deno.FsFile.prototype;
  const full = () => {
    Deno.FsFile.prototype.writeSync = () => {
      throw new Error("the disk is full");
    };
    return { [Symbol.dispose]: () => void (Deno.FsFile.prototype.writeSync = writeSync) };
  };
  assert.deepEqual(await written(full), { accepted: false, prompt: false });
});

Deno.test("writeTurn: where it cannot be synced, it stays and leads to the rest", async () => {
  const { syncData } = Deno.FsFile.prototype;
  const faulty = () => {
    Deno.FsFile.prototype.syncData = () => Promise.reject(new Error("the disk is faulty"));
    return { [Symbol.dispose]: () => void (Deno.FsFile.prototype.syncData = syncData) };
  };
  assert.deepEqual(await written(faulty), { accepted: true, prompt: true });
});
