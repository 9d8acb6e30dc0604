/** Processes that a daemon cannot end, since they have become another user's: that is said, not passed over. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { hasProgram } from "../support/has_program.ts";
import { NOT_ROOT, testUnless } from "../support/skippable.ts";
import { Site } from "../chaos/site.ts";
import { pidIn } from "../support/signals.ts";

/** A superuser who may signal only his own processes, as everybody else. */
const WITHOUT_KILL = ["setpriv", "--bounding-set=-kill"];

const STRANGER = "run setpriv --reuid=65534 --clear-groups sleep 600 >/dev/null 2>&1 & echo $! >stranger";

testUnless(
  NOT_ROOT ?? (hasProgram("setpriv") ? null : "it takes setpriv"),
  "what a daemon cannot end is named in the answer to a cancel, and in the events of a job that ends by itself",
  async () => {
    const site = new Site({ launcher: WITHOUT_KILL, config: { timeouts: { exit_grace_seconds: 1 } } });
    try {
      const client = site.client();
      const origin = { env: site.state.env, session: "test" };
      const start = (name: string, last: string) =>
        client.start({
          agent: "codex",
          prompt: `${STRANGER}\n${last}`,
          cwd: site.workspace(name),
          origin,
        });
      const stranger = (name: string) =>
        eventually(() => pidIn(`${site.workspace(name)}/stranger`), {
          what: "a process of somebody else's",
        });
      const cancelled = await start("cancelled", "wait never");
      const done = await start("done", 'say done\nraw {"type":"turn.completed"}\nwait never');
      const pids = [await stranger("cancelled"), await stranger("done")];
      const { status, message } = await client.cancel(cancelled);
      assert.equal(status, "cancelled");
      const told = (pid: number | undefined) => `1 process could not be ended (pid ${pid})`;
      assert.ok(message.includes(told(pids[0])), message);
      assert.ok(!message.includes("nothing of it is left"), message);
      const { jobs: [job] } = await client.wait({ job_ids: [done.job_id], timeout_seconds: 100 });
      assert.deepEqual([job?.status, job?.result], ["done", "done"]);
      const { events } = await client.events({ job_id: done.job_id, types: ["warning"] });
      assert.ok(String(events[0]?.message).includes(told(pids[1])), JSON.stringify(events));
    } finally {
      await site.close();
    }
  },
);
