/** Work that has a deadline: it ends in time, is late, is given up, or fails; no timer is left behind (Deno looks). */
import assert from "node:assert/strict";
import { Deadline, within } from "../../src/system/deadline.ts";

const LONG_MS = 60_000;
const never = () => new Promise<string>(() => {});

Deno.test("within: what the work gives in time, else null", async () => {
  assert.equal(await within(LONG_MS, Promise.resolve("done")), "done");
  assert.equal(await within(0, never()), null);
});

Deno.test("within: a signal ends the waiting, also one that has fired already", async () => {
  const controller = new AbortController();
  const waiting = within(LONG_MS, never(), controller.signal);
  controller.abort();
  assert.equal(await waiting, null);
  assert.equal(await within(LONG_MS, never(), controller.signal), null);
});

Deno.test("within: a failure in time is the caller's", async () => {
  await assert.rejects(within(LONG_MS, Promise.reject(new Error("broken"))), /broken/);
});

Deno.test("deadline: calls back once when it is over, and never after it was disposed of", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  using deadline = new Deadline(0, resolve);
  assert.equal(deadline.isOver, false);
  await promise;
  assert.equal(deadline.isOver, true);
  {
    using early = new Deadline(LONG_MS, () => assert.fail("it was disposed of"));
    assert.equal(early.isOver, false);
  }
});
