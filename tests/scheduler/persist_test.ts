/**
 * What is done however often it fails.
 *
 * @module
 */
import assert from "node:assert/strict";
import { persist } from "../../src/scheduler/persist.ts";
import { type Log, silentLog } from "../../src/system/log.ts";

Deno.test("what fails is told and tried again, until it succeeds", async () => {
  const told: unknown[] = [];
  const log: Log = { ...silentLog, error: (message, fields) => told.push([message, fields]) };
  const tries: number[] = [];
  await persist((nth) => {
    tries.push(nth);
    return nth < 2 ? Promise.reject(new Error("full")) : Promise.resolve();
  }, { what: "watch a job", log, signal: new AbortController().signal, fields: { job: "a" } });
  assert.deepEqual(tries, [1, 2]);
  assert.deepEqual(told, [["cannot watch a job yet; trying again", { job: "a", error: "Error: full" }]]);
});

Deno.test("who is told to stop tries no more, and waits no longer", async () => {
  const stop = new AbortController();
  let tries = 0;
  const done = persist(() => {
    tries++;
    setTimeout(() => stop.abort(), 0);
    return Promise.reject(new Error("full"));
  }, { what: "go on", log: silentLog, signal: stop.signal });
  await done;
  await persist(() => Promise.resolve(void tries++), { what: "begin", log: silentLog, signal: stop.signal });
  assert.equal(tries, 1);
});
