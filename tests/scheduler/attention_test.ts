/** What a caller that begins to wait changes: its turn is looked at more often, and at once. */
import assert from "node:assert/strict";
import { Attention } from "../../src/scheduler/attention.ts";
import { EAGER_MS, Pulse } from "../../src/scheduler/pulse.ts";
import { eventually } from "../support/eventually.ts";

Deno.test("attention: the first who waits brings the next look at a silent turn forward", async () => {
  const hurried = async () => {
    const pulse = new Pulse();
    const attention = new Attention(() => pulse.hurry());
    let looks = 0;
    const sleep = pulse.sleep({
      silent: true,
      eager: () => attention.has("a"),
      hasNews: () => ++looks === 3,
    });
    const begun = performance.now();
    attention.add("a");
    await sleep.over;
    return performance.now() - begun;
  };
  // Three looks in the time of one: a busy machine may delay them.
  await eventually(async () => await hurried() < EAGER_MS * 15, { what: "three looks" });
});

Deno.test("attention: a job counts as awaited from its first waiter to the last", () => {
  let firsts = 0;
  const attention = new Attention(() => firsts++);
  const [one, other] = [attention.add("a"), attention.add("a")];
  one();
  assert.deepEqual([attention.has("a"), firsts], [true, 1]);
  other();
  assert.deepEqual([attention.has("a"), firsts], [false, 1]);
  attention.add("a")();
  assert.equal(firsts, 2);
});
