/**
 * A short round of the fault suite: one attempt of each kind that is quick. `deno task chaos` has the rest.
 *
 * @module
 */
import assert from "node:assert/strict";
import { attempt } from "./campaign.ts";
import { testUnless } from "../support/skippable.ts";
import { FAULTS } from "./faults.ts";

/** The beginning of each name, and the seed of its one attempt. */
const SHORT: readonly (readonly [name: string, seed: number])[] = [
  ["crash points: kill -9 at random moments", 3],
  ["crash points: kill -9 when a file appears", 103],
  ["crash points: kill -9 while adopting", 103],
  ["crash points: stopped for a while", 112],
  ["agents: any of these, and kill -9", 51],
  ["talks: kill -9 with questions open", 2],
  ["front-ends: killed or closed while they start", 2],
  ["front-ends: ids and paths", 1],
  ["machine: queue.db is garbage", 1],
  ["machine: wall clock jumps by days", 60],
  ["machine: state directory unpacked from an old copy under", 1],
  ["security: secrets in argv", 1],
];

for (const [name, seed] of SHORT) {
  const fault = FAULTS.find((fault) => `${fault.family}: ${fault.name}`.startsWith(name));
  assert.ok(fault !== undefined, `there is no fault ${name}`);
  const title = `chaos: ${fault.family}: ${fault.name} (seed ${seed})`;
  testUnless(fault.cannot?.() ?? null, title, async () => {
    const { jobs: _jobs, ...found } = await attempt(fault, seed);
    assert.deepEqual(found, { lost: 0, doubled: 0, wrong: 0, left: 0, notes: [] });
  });
}
