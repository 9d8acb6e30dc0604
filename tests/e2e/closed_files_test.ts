/**
 * Jobs whose files their own agent has closed to everybody, before daemons that the modes of files count for: they end
 * as they should, their slot is free again, and no daemon stumbles over what is left of them.
 */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { CANNOT_HEED_MODES } from "../support/file_modes.ts";
import { exists } from "../support/exists.ts";
import { testUnless } from "../support/skippable.ts";
import { Site } from "../chaos/site.ts";

const CLOSE_ALL = 'run chmod -R 000 "$AGENT_ASYNC_HOME/jobs/$AGENT_ASYNC_JOB_ID"';

async function onSite(test: (site: Site) => Promise<void>): Promise<void> {
  const site = new Site();
  try {
    await test(site);
  } finally {
    await site.close();
  }
}

function run(site: Site, prompt: string, timeoutSeconds = 60) {
  return site.client().start({
    agent: "codex",
    prompt,
    cwd: site.state.cwd,
    timeout_seconds: timeoutSeconds,
    origin: { env: site.state.env, session: "test" },
  });
}

async function ended(site: Site, jobId: string) {
  const { jobs: [job] } = await site.client().wait({ job_ids: [jobId], timeout_seconds: 100 });
  assert.ok(job !== undefined, "it did not end");
  return job;
}

testUnless(
  CANNOT_HEED_MODES,
  "a job that closes its files to us is done, and its result can be read",
  () =>
    onSite(async (site) => {
      const { job_id } = await run(site, `${CLOSE_ALL}\nsay after all`);
      const job = await ended(site, job_id);
      assert.deepEqual([job.status, job.result, job.commands_run], ["done", "after all", 1]);
      const { events } = await site.client().events({ job_id, types: ["message"] });
      assert.deepEqual(events.map(({ text }) => text), ["after all"]);
    }),
);

testUnless(
  CANNOT_HEED_MODES,
  "a job that closes its files to us and hangs is kept to its time limit",
  () =>
    onSite(async (site) => {
      const { job_id } = await run(site, `${CLOSE_ALL}\nwait never`, 1);
      assert.equal((await ended(site, job_id)).reason, "timed_out");
    }),
);

testUnless(
  CANNOT_HEED_MODES,
  "a job that closes its files to us goes on under the next daemon, which can cancel it",
  () =>
    onSite(async (site) => {
      const { job_id } = await run(site, `${CLOSE_ALL}\nrun touch closed\nwait never`);
      await eventually(() => exists(`${site.state.cwd}/closed`), { what: "the agent's deed" });
      site.signalDaemon("SIGKILL");
      const { status } = await site.client().cancel({ job_id });
      assert.equal(status, "cancelled");
      assert.deepEqual(site.jobProcesses(new Set([job_id])), []);
    }),
);

testUnless(
  CANNOT_HEED_MODES,
  "closed directories of ended jobs are removed, and keep no daemon from its start",
  () =>
    onSite(async (site) => {
      const { job_id } = await run(site, "say x");
      await ended(site, job_id);
      const directory = `${site.home}/jobs/${job_id}`;
      Deno.mkdirSync(`${directory}/turns/1/scratch/cache/read-only`, { recursive: true });
      for (const path of ["turns/1/scratch/cache/read-only", "turns/1/scratch/cache", "turns/1", ""]) {
        Deno.chmodSync(`${directory}/${path}`, 0o000);
      }
      // As a daemon leaves it that dies while it removes.
      const half = `${site.home}/jobs/.removed-zzzzzzzz`;
      Deno.mkdirSync(`${half}/closed`, { recursive: true });
      Deno.chmodSync(`${half}/closed`, 0o000);
      // An exit record that was not put away.
      Deno.writeTextFileSync(`${site.home}/exits/${job_id}.1`, "0   \n");
      site.signalDaemon("SIGKILL");
      const { jobs } = await site.client().prune({ older_than_days: 0 });
      assert.deepEqual(jobs, [job_id]);
      await eventually(() => [...Deno.readDirSync(`${site.home}/jobs`)].length === 0, {
        what: "an empty directory",
      });
    }),
);

Deno.test("FIFOs in the place of a running job's files keep no daemon from its start", () =>
  onSite(async (site) => {
    const deed = 'run cd "$AGENT_ASYNC_HOME/jobs/$AGENT_ASYNC_JOB_ID" && rm events.jsonl output.txt && ' +
      "mkfifo events.jsonl output.txt";
    const { job_id } = await run(site, `${deed}\nrun touch done\nwait never`);
    await eventually(() => exists(`${site.state.cwd}/done`), { what: "the agent's deed" });
    site.signalDaemon("SIGKILL");
    const { status } = await site.client({ startTimeoutMs: 20_000 }).cancel({ job_id });
    assert.equal(status, "cancelled");
    assert.deepEqual(site.jobProcesses(new Set([job_id])), []);
  }));

Deno.test("FIFOs in the place of the daemon's own files do not stop it", () =>
  onSite(async (site) => {
    const replace = (name: string) => `run cd "$AGENT_ASYNC_HOME" && rm ${name} && mkfifo ${name}`;
    const client = site.client();
    const { job_id } = await client.start({
      agent: "codex",
      prompt: `${replace("daemon.log")}\nsay x`,
      cwd: site.state.cwd,
      origin: { env: site.state.env, session: "test" },
    });
    const { jobs: [first] } = await client.wait({ job_ids: [job_id], timeout_seconds: 100 });
    assert.equal(first?.status, "done");
    // Which is logged.
    assert.deepEqual((await client.prune({ older_than_days: 0 })).jobs, [job_id]);
    // Who comes anew trusts no such directory, and says what is in the way.
    await assert.rejects(site.client().list({}), {
      code: "daemon_unreachable",
      message: `Cannot use ${site.home}/daemon.log: it is no file.`,
    });
    Deno.removeSync(`${site.home}/daemon.log`);
    const second = await run(site, `${replace("config.json")}\nsay y`);
    assert.equal((await ended(site, second.job_id)).status, "done");
    await assert.rejects(run(site, "say z"), {
      code: "config_invalid",
      message: `${site.home}/config.json: cannot be read: it is no file`,
    });
  }));
