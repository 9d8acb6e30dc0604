/** A state directory of every released version opens, with all that its jobs have to show, and is worked in. */
import assert from "node:assert/strict";
import { compose } from "../../src/daemon/serve/compose.ts";
import { removeTree } from "../../src/system/files/removal.ts";
import { silentLog } from "../../src/system/log.ts";
import { copy } from "../support/copy_directory.ts";
import { fromFileUrl } from "../support/from_file_url.ts";

/** As a daemon of 0.1.0 left it, with one job running and one behind it; the running one's processes are gone. */
const FIXTURE = fromFileUrl(new URL("../fixtures/recorded/state/0.1.0", import.meta.url));

function makePrivate(path: string): void {
  if (!Deno.statSync(path).isDirectory) return Deno.chmodSync(path, 0o600);
  Deno.chmodSync(path, 0o700);
  for (const { name } of Deno.readDirSync(path)) makePrivate(`${path}/${name}`);
}

Deno.test("a state directory of 0.1.0 opens with its jobs, and its sessions go on", async () => {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-released-" }));
  const home = `${root}/state`;
  copy(FIXTURE, home);
  makePrivate(home);
  const env = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: root, AGENT_ASYNC_HOME: home };
  const composition = await compose({ home, env, log: silentLog });
  try {
    const { service } = composition;
    await service.wait({ job_ids: ["y2xt28c8", "bdfn5qc2"], mode: "all", timeout_seconds: 60 });
    const { jobs, total } = await service.list({});
    assert.equal(total, 5);
    assert.deepEqual(
      jobs.map(({ job_id, agent, status, reason }) => [job_id, agent, status, reason]),
      [
        ["y2xt28c8", "scribe", "error", "dependency_failed"],
        ["bdfn5qc2", "sleeper", "error", "lost"],
        ["3ndgq7zq", "sleeper", "cancelled", "cancelled"],
        ["6x38b17g", "failing", "error", "exit_code"],
        ["bjs0kp55", "scribe", "done", "completed"],
      ],
    );
    const job = await service.poll({ job_id: "bjs0kp55" });
    assert.deepEqual(
      [job.result, job.turn, job.session_id, job.files_changed, job.commands_run, job.usage.total_tokens],
      ["Two files.", 2, "s-1", ["/usr/notes.md"], 2, 300],
    );
    // It wrote 0 where it did not know.
    assert.equal((await service.poll({ job_id: "6x38b17g" })).usage.total_tokens, null);
    const { events } = await service.events({ job_id: "bjs0kp55", limit: 500 });
    assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
    assert.ok(events.some(({ type, text }) => type === "message" && text === "Two files."));
    const feed = await service.feed({ cursor: 0, limit: 500, finished_only: true });
    assert.equal(feed.notifications.filter(({ job_id }) => job_id === "bjs0kp55").length, 2);
    assert.equal((await service.stats({ days: 366 })).total.jobs > 0, true);

    const origin = { env, session: "test" };
    const again = { agent: "scribe", prompt: "List the files", cwd: "/usr", request_key: "k1", origin };
    assert.equal((await service.start(again)).job_id, "bjs0kp55", "its request keys are known");
    await service.reply({ job_id: "bjs0kp55", prompt: "Once more", origin });
    const { jobs: [ended] } = await service.wait({ job_ids: ["bjs0kp55"], timeout_seconds: 60 });
    assert.deepEqual([ended?.status, ended?.turn], ["done", 3]);
  } finally {
    await composition.close();
    await removeTree(root);
  }
});
