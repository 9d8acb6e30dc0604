/** In which job a caller runs is told by its ancestors, which are looked up no more often than that takes. */
import assert from "node:assert/strict";
import { LinuxProcesses } from "../../src/system/processes/linux_processes.ts";
import type { ProcessRow } from "../../src/system/processes/processes.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { eventually } from "../support/eventually.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
import { pidIn } from "../support/signals.ts";

/** Until it is disposed of, every process has these ancestors, itself included. */
function ancestors(rows: ProcessRow[]): Disposable & { rows: ProcessRow[]; looks: number } {
  const { ancestry } = LinuxProcesses.prototype;
  const told = {
    rows,
    looks: 0,
    [Symbol.dispose]: () => void (LinuxProcesses.prototype.ancestry = ancestry),
  };
  LinuxProcesses.prototype.ancestry = () => (told.looks++, told.rows);
  return told;
}

function aRow(over: Partial<ProcessRow> = {}): ProcessRow {
  return { pid: 1, ppid: 0, pgid: 1, sid: 1, startTime: "1", state: "S", command: "x", ...over };
}

const INIT = aRow();

testUnless(
  NOT_LINUX,
  "a caller outside of all jobs is looked up once, and anew while not all is seen",
  async () => {
    await using harness = await LocalHarness.start();
    const { job_id } = await harness.run("wait go");
    const around = (caller: { pid: number; claimedJob: null }) =>
      harness.service.jobAround({}, { caller }).then((answer) => answer.job_id);
    const wrapper = await eventually(
      () => pidIn(`${harness.state.home}/jobs/${job_id}/turns/1/pid`),
      { what: "the wrapper" },
    );
    const agent = aRow({ pid: 7_000_001, ppid: wrapper, sid: wrapper });
    {
      const caller = { pid: 7_000_002, claimedJob: null };
      using told = ancestors([aRow({ pid: 7_000_002, ppid: 1 })]);
      assert.deepEqual([await around(caller), await around(caller), told.looks], [null, null, 2], "cut off");
      told.rows = [aRow({ pid: 7_000_002, ppid: 1 }), INIT];
      assert.deepEqual([await around(caller), await around(caller), told.looks], [null, null, 3]);
    }
    {
      const caller = { pid: 7_000_001, claimedJob: null };
      using told = ancestors([agent, INIT]);
      assert.deepEqual([await around(caller), await around(caller)], [job_id, job_id]);
      told.rows = [aRow({ pid: 7_000_001, ppid: 1 }), INIT];
      assert.equal(
        await around(caller),
        null,
        "the session had another leader when this was looked up first",
      );
    }
  },
);
