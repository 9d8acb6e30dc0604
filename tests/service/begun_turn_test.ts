/** What a turn was begun with decides how a later daemon reads it, whatever the configuration says by then. */
import assert from "node:assert/strict";
import { LaunchRecord } from "../../src/domain/turn/launch_record.ts";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

/** Prints one line, waits for a file, prints its answer and leaves. */
const SPEAKER = {
  command: "/bin/sh",
  args: ["-c", `echo '{"begin":"s"}'; while ! [ -e go ]; do sleep 0.02; done; echo '{"answer":"said"}'`],
  env: { SPEAKERS_KEY: "secret" },
  output: "jsonl",
  events: [
    { type: "session", when: { begin: "s" }, text: "begin" },
    { type: "result", when: { answer: "said" }, text: "answer" },
  ],
} as const;

async function speaking() {
  const harness = await LocalHarness.start({ agents: { speaker: SPEAKER } });
  const { job_id } = await harness.run("speak", { agent: "speaker" });
  const turn = new JobDirectories(harness.state.home).job(job_id).turn(1);
  await eventually(async () => (await harness.service.poll({ job_id })).cursor >= 2, {
    what: "its first line",
  });
  const configure = (config: unknown) =>
    Deno.writeTextFileSync(`${harness.state.home}/config.json`, JSON.stringify(config));
  const end = async () => {
    Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
    return await harness.ended(job_id);
  };
  return { harness, job_id, turn, configure, end };
}

Deno.test("launch.json names driver, revision, policy, signal and options, and no variable of the configuration", async () => {
  const { harness, turn, end } = await speaking();
  await using _harness = harness;
  const text = Deno.readTextFileSync(turn.launchFile);
  const record = LaunchRecord.parse(JSON.parse(text));
  assert.deepEqual({ ...record, options: Object(record.options).events }, {
    driver: "custom",
    revision: 1,
    policy: "auto-edit",
    signal: "SIGTERM",
    options: SPEAKER.events,
  });
  assert.doesNotMatch(text, /secret/);
  assert.equal((Deno.statSync(turn.launchFile).mode ?? 0) & 0o777, 0o600);
  assert.equal((await end()).result, "said");
});

Deno.test("a turn is read as it was begun though its agent is another by now, or none", async () => {
  for (const agents of [{ speaker: { command: "/bin/cat", output: "text" } }, {}]) {
    const { harness, configure, end } = await speaking();
    await using _harness = harness;
    await harness.restart(() => configure({ agents }));
    const { status, result } = await end();
    assert.deepEqual({ status, result }, { status: "done", result: "said" });
  }
});

Deno.test("a turn whose driver is not known is watched to its end, and is neither lost nor done", async () => {
  for (const over of [{ driver: "telepathy" }, { revision: 99 }, { options: { output: "thoughts" } }]) {
    const { harness, job_id, turn, end } = await speaking();
    await using _harness = harness;
    await harness.restart(() => {
      const record = JSON.parse(Deno.readTextFileSync(turn.launchFile));
      Deno.writeTextFileSync(turn.launchFile, JSON.stringify({ ...record, ...over, later: "word" }));
    });
    assert.equal((await harness.service.poll({ job_id })).status, "running");
    const { status, reason, exit_code, error } = await end();
    assert.deepEqual({ status, reason, exit_code }, { status: "error", reason: "no_result", exit_code: 0 });
    assert.match(JSON.stringify(error), /does not have/);
    const { events } = await harness.service.events({ job_id, limit: 50 });
    assert.deepEqual(events.flatMap((event) => event.type === "raw" ? [event.text] : []), [
      '{"answer":"said"}',
    ]);
  }
});

Deno.test("a turn without a record, of an agent that is known no more, is watched to its end", async () => {
  const { harness, job_id, turn, configure, end } = await speaking();
  await using _harness = harness;
  await harness.restart(() => {
    Deno.removeSync(turn.launchFile);
    configure({});
  });
  assert.equal((await harness.service.poll({ job_id })).status, "running");
  const { status, reason } = await end();
  assert.deepEqual({ status, reason }, { status: "error", reason: "no_result" });
});
