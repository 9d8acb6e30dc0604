/** A turn is ended and told of once, whatever keeps that from succeeding at the first try. */
import assert from "node:assert/strict";
import { readEvents } from "../../src/kernel/events/event_reader.ts";
import type { Processes } from "../../src/system/processes/processes.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { fullFor } from "../support/full_disk.ts";
import { KernelHome } from "../support/kernel_home.ts";
import { watchedTurn } from "../support/watched_turn.ts";

/** Those of the machine; the first looks at all of them fail. */
function hidden(looks: number): Processes {
  const real = systemProcesses();
  let left = looks;
  return {
    identify: (pid) => real.identify(pid),
    isAlive: (identity) => real.isAlive(identity),
    ageMs: (identity) => real.ageMs(identity),
    ancestry: (pid) => real.ancestry(pid),
    table() {
      if (left-- > 0) throw new Error("Too many open files (os error 24): readdir '/proc'");
      return real.table();
    },
    withMarker: (name, value) => real.withMarker(name, value),
    signal: (pid, signal) => real.signal(pid, signal),
    signalGroup: (pgid, signal) => real.signalGroup(pgid, signal),
  };
}

Deno.test("a turn that cannot be ended at the first try is ended at the next", async () => {
  await using home = new KernelHome();
  const { watch, turn, outcomes } = await watchedTurn(home, "exec sleep 600", { processes: hidden(1) });
  await watch.stop({ cause: "cancelled" });
  await watch.ended;
  assert.deepEqual(outcomes.map(({ verdict }) => verdict.status), ["cancelled"]);
  assert.deepEqual(home.processes.withMarker("AGENT_ASYNC_JOB_ID", turn.jobId), []);
});

Deno.test("the end of a turn is said once, also when it cannot be written down at the first try", async () => {
  await using home = new KernelHome();
  using disk = fullFor("turn 1 done");
  const { watch, directory, outcomes } = await watchedTurn(home, "echo said");
  await watch.ended;
  assert.equal(disk.refusals, 1);
  const { events } = await readEvents(directory, { after: 0, limit: 50, truncate: 0, maxChars: 100_000 });
  assert.deepEqual(events.map((event) => event.type === "status" ? event.message : event.type), [
    "message",
    "turn 1 done",
  ]);
  assert.deepEqual(outcomes.map(({ verdict }) => verdict.status), ["done"]);
});
