/**
 * Tests of room `cli`: how jobs, lists, transcripts and the daemon look.
 *
 * @module
 */
import type { PrunedPlace } from "../../src/service/requests.ts";
import assert from "node:assert/strict";
import type { Evidence } from "../../src/domain/job/findings.ts";
import { DID_NOTHING, STILL_RUNNING } from "../../src/domain/turn/doubts.ts";
import { tableText } from "../../src/cli/render/table.ts";
import { distanceText, durationText, retryText } from "../../src/cli/render/time.ts";
import { displayWidth } from "../../src/cli/render/width.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { aBrief, aReceipt, aResult, JOB_ID, ScriptedService } from "../support/scripted_service.ts";
import { commandLine, NOW } from "./command_line.ts";
import { aDaemonStatus } from "../support/daemon_status.ts";

Deno.test("list: human on a terminal and within its width, ISO in a pipe, the tool's shape in JSON", async () => {
  const answer = {
    jobs: [
      aBrief({ cwd: "/home/user/site", prompt: "日本語 and a long text ".repeat(4) }),
      aBrief({ job_id: "zzzz0002", status: "error", reason: "lost", cwd: "/srv" }),
    ],
    total: 7,
  };
  const service = new ScriptedService({ list: () => Promise.resolve(answer) });
  const terminal = await commandLine(["list"], { service, isTerminal: true, columns: 72 });
  assert.match(terminal.stdout, /^ID {8}AGENT {2}STATUS .*CREATED {2}DIRECTORY {2,}PROMPT\n/);
  assert.match(terminal.stdout, /2 m ago/);
  for (const line of terminal.stdout.split("\n")) assert.ok(displayWidth(line) <= 72, line);
  assert.equal(terminal.stderr, "and 5 more\n");
  const pipe = await commandLine(["list"], { service });
  assert.match(pipe.stdout, / {2}running: npm test {2}2026-01-01T00:00:00.000Z {2}~\/site {5}日本語/);
  assert.match(pipe.stdout, /error: lost/);
  assert.deepEqual(JSON.parse((await commandLine(["list", "--json"], { service })).stdout), answer);
});

Deno.test("a job with a title is called by it in a list, and shown with title and prompt", async () => {
  const job = { title: "Why it fails", prompt: "Explain the build" };
  const service = new ScriptedService({
    list: () => Promise.resolve({ jobs: [aBrief(job)], total: 1 }),
    poll: () => Promise.resolve(aResult(job)),
  });
  const list = await commandLine(["list"], { service });
  assert.match(list.stdout, /Why it fails\n/);
  assert.doesNotMatch(list.stdout, /Explain/);
  const shown = await commandLine(["show", JOB_ID], { service });
  assert.match(shown.stdout, /title +Why it fails\nprompt +Explain the build\n/);
});

Deno.test("list: its options are asked for, and nothing found is said on stderr", async () => {
  const service = new ScriptedService({ list: () => Promise.resolve({ jobs: [], total: 0 }) });
  const outcome = await commandLine(["list", "-n", "5", "-s", "done", "-a", "codex", "-C", "."], { service });
  assert.deepEqual(outcome, { code: 0, stdout: "", stderr: "No jobs.\n" });
  assert.deepEqual(service.asked("list"), [{
    limit: 5,
    status: "done",
    agent: "codex",
    group: undefined,
    cwd: "/work/project",
  }]);
});

Deno.test("list --quiet: the ids, for another command, as many as there are", async () => {
  const jobs = [aBrief(), aBrief({ job_id: "zzzz0002" })];
  const service = new ScriptedService({ list: () => Promise.resolve({ jobs, total: 700 }) });
  assert.deepEqual(await commandLine(["list", "-q", "-n", "1000"], { service, isTerminal: true }), {
    code: 0,
    stdout: `${JOB_ID}\nzzzz0002\n`,
    stderr: "",
  });
  assert.equal(JSON.stringify(service.asked("list")), `[{"limit":1000}]`);
});

Deno.test("show: the job, its result and the end of its transcript", async () => {
  assert.deepEqual(await commandLine(["show", JOB_ID], { isTerminal: true }), {
    code: 0,
    stdout: `${JOB_ID} codex done (completed)
prompt     Make the tests pass
directory  /work/project
policy     auto-edit
created    2 m ago
started    1 m ago
finished   1 m ago
took       42 s
exit code  0
session    s-1
commands   1
files      src/a.ts
tokens     10 tokens in, 5 out

-- result --
All tests pass now.

-- end of the transcript --
$ npm test

All tests pass now.
`,
    stderr: "",
  });
  const { stdout } = await commandLine(["show", JOB_ID, "--json"]);
  assert.deepEqual(JSON.parse(stdout), aResult());
});

Deno.test("show: commands that failed and doubts, where there are any", async () => {
  const shown = async (change: Partial<Evidence>) => {
    const evidence = { lines_added: null, lines_removed: null, commands_failed: 0, doubts: [], ...change };
    const service = new ScriptedService({
      poll: () => Promise.resolve(aResult({ commands_run: 3, evidence })),
    });
    return (await commandLine(["show", JOB_ID], { isTerminal: true, service })).stdout;
  };
  const doubted = await shown({ commands_failed: 2, doubts: [DID_NOTHING, STILL_RUNNING] });
  assert.match(doubted, /^commands {3}3, 2 failed$/m);
  assert.match(
    doubted,
    /^doubt {6}It said it was done, but changed nothing and ran nothing\. Commands\n +were still/m,
  );
  const fine = await shown({});
  assert.match(fine, /^commands {3}3$/m);
  assert.doesNotMatch(fine, /doubt/);
  assert.match(await shown({ commands_failed: null }), /^commands {3}3$/m);
});

Deno.test("show: that the transcript is cut is said on a line of its own", async () => {
  const notice = "[earlier output was cut; the whole is in /home/user/[x] y/output.txt]";
  const service = new ScriptedService({
    poll: () => Promise.resolve(aResult({ output: `${notice}   [ ] one\ntwo\n` })),
  });
  const { stdout } = await commandLine(["show", JOB_ID], { service });
  assert.ok(stdout.endsWith(`-- end of the transcript --\n${notice}\n  [ ] one\ntwo\n`), stdout);
});

Deno.test("what is told in sentences is broken between words on a terminal, never inside of one", async () => {
  const on = { isTerminal: true, columns: 50 };
  const prompt = "Make the tests pass, and say in the end what it was that had broken them";
  const service = new ScriptedService({ poll: () => Promise.resolve(aResult({ prompt })) });
  assert.match(
    (await commandLine(["show", JOB_ID], { ...on, service })).stdout,
    /\nprompt {5}Make the tests pass, and say in the end\n {11}what it was that had broken them\ndirectory/,
  );
  assert.equal(
    (await commandLine(["cancel", JOB_ID], on)).stdout,
    `Job ${JOB_ID} is cancelled. Nothing of it is left\nrunning.\n`,
  );
  const { stderr } = await commandLine(["show", "nothing-like-it"], on);
  assert.match(stderr, /^agent-async: No job has an id that is or begins\nwith "nothing-like-it"\n/);
});

/** A transcript of two pages, the second of which comes with the end. */
function transcript(): ScriptedService {
  return new ScriptedService({
    transcript: ({ offset = 0 }) =>
      Promise.resolve(
        [
          { text: "one\n", offset: 4, status: "running" as const, more: true },
          { text: "two\x1b[2J\n", offset: 8, status: "done" as const, more: false },
          { text: "", offset: 8, status: "done" as const, more: false },
        ][offset / 4] ?? { text: "", offset, status: "done" as const, more: false },
      ),
  });
}

Deno.test("logs --tail: the last lines of what there is, and what comes after them", async () => {
  const pages = ["a\nb\nc", "c\nd\n", "later\n", ""];
  const growing = () =>
    new ScriptedService({
      transcript: ({ offset = 0 }) => {
        const [text = "", more] = [pages[offset], offset === 0];
        return Promise.resolve({ text, offset: offset + 1, more, status: offset < 2 ? "running" : "done" });
      },
    });
  const printed = async (...args: string[]) => {
    return (await commandLine(["logs", JOB_ID, ...args], { service: growing() })).stdout;
  };
  assert.equal(await printed("-n", "2"), "cc\nd\n");
  assert.equal(await printed("-n", "0"), "");
  assert.equal(await printed("-n", "99"), "a\nb\ncc\nd\n");
  assert.equal(await printed("-f", "-n", "1"), "d\nlater\n");
});

Deno.test("logs: all pages, followed to the end or not; JSON as one document or as lines", async () => {
  for (const option of [[], ["-f"]]) {
    const { code, stdout } = await commandLine(["logs", ...option, JOB_ID], { service: transcript() });
    assert.deepEqual([code, stdout], [0, "one\ntwo\n"]);
  }
  const { stdout } = await commandLine(["logs", "--json", JOB_ID], { service: transcript() });
  assert.deepEqual(JSON.parse(stdout), {
    job_id: JOB_ID,
    status: "done",
    text: "one\ntwo\x1b[2J\n",
    offset: 8,
  });
  const lines = await commandLine(["logs", "-f", "--json", JOB_ID], { service: transcript() });
  assert.deepEqual(lines.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).text), [
    "one\n",
    "two\x1b[2J\n",
    "",
  ]);
});

Deno.test("events: a heading for each, and the tool's shape in JSON", async () => {
  const event = {
    seq: 8,
    turn: 1,
    time: "2026-01-01T00:00:05.000Z",
    type: "message" as const,
    text: "Hello",
  };
  const service = new ScriptedService({
    events: ({ cursor = 0 }) =>
      Promise.resolve({ events: cursor < 8 ? [event] : [], cursor: 8, status: "done", more: false }),
  });
  const args = ["events", JOB_ID, "-c", "7", "-t", "message,command", "--truncate", "10"];
  assert.equal((await commandLine(args, { service })).stdout, `   8 ${event.time} message\nHello\n`);
  const seen = await commandLine(args, { service, isTerminal: true });
  assert.equal(seen.stdout, `   8 ${new Date(event.time).toTimeString().slice(0, 8)} message\nHello\n`);
  assert.deepEqual(JSON.parse(JSON.stringify(service.asked("events").slice(0, 1))), [
    { job_id: JOB_ID, cursor: 7, limit: 500, truncate: 10, types: ["message", "command"], wait_seconds: 0 },
  ]);
  const { stdout } = await commandLine([...args, "--json"], { service });
  assert.deepEqual(JSON.parse(stdout), { events: [event], cursor: 8, status: "done", more: false });
  const lines = await commandLine([...args, "--json", "-f"], { service });
  assert.equal(lines.stdout, `${JSON.stringify(event)}\n`);
});

Deno.test("daemon start: asks the daemon how it is, which starts one", async () => {
  const status = aDaemonStatus({ jobs: { pending: 0, running: 1, done: 2, error: 3, cancelled: 4 } });
  const control = { status: () => Promise.resolve(status) };
  assert.equal(
    (await commandLine(["daemon", "start"], { control })).stdout,
    "The daemon runs (pid 42, version 1.2.3).\n",
  );
  const { stdout } = await commandLine(["daemon", "start", "--json"], { control });
  assert.deepEqual(JSON.parse(stdout), { running: true, ...status });
});

Deno.test("times: durations and distances as people say them", () => {
  assert.deepEqual([0, 0.44, 9.96, 42, 200, 7_500, 349_200].map(durationText), [
    "0 s",
    "0.4 s",
    "10 s",
    "42 s",
    "3 m 20 s",
    "2 h 5 m",
    "4 d 1 h",
  ]);
  assert.equal(retryText(new Date(NOW - 1).toISOString(), NOW), "It can be tried again now.");
  const later = new Date(NOW + 7_300_000);
  assert.equal(
    retryText(later.toISOString(), NOW),
    `It can be tried again in 2 h (at ${later.toTimeString().slice(0, 8)}).`,
  );
  const ago = (seconds: number) => distanceText(new Date(NOW - seconds * 1_000).toISOString(), NOW);
  assert.deepEqual([1, 59, 61, 3_700, 100_000, 200_000, -90].map(ago), [
    "just now",
    "59 s ago",
    "1 m ago",
    "1 h ago",
    "27 h ago",
    "2 d ago",
    "in 1 m",
  ]);
});

Deno.test("table: wide characters count twice, the widest elastic column gives first", () => {
  const columns = [
    { title: "A", text: (row: string[]) => row[0] ?? "" },
    { title: "B", text: (row: string[]) => row[1] ?? "", isElastic: true },
  ];
  assert.equal(
    tableText([["漢字", "x".repeat(30)], ["ab", "y"]], columns, 20),
    "A     B\n漢字  xxxxxxxxxxxxx…\nab    y\n",
  );
});

Deno.test("show: of a running job, how long so far and what it said last", async () => {
  const running = aResult({ status: "running", finished_at: null, exit_code: null, activity: "thinking" });
  delete running.reason;
  const service = new ScriptedService({ poll: () => Promise.resolve(running) });
  const { stdout } = await commandLine(["show", JOB_ID], { service });
  assert.match(
    stdout,
    /\nso far {5}42 s\nactivity {3}thinking\n[^]*\n-- said last --\nAll tests pass now\.\n/,
  );
  const replied = new ScriptedService({ poll: () => Promise.resolve(aResult({ ...running, turn: 2 })) });
  // The duration of a job has the idle time before its reply in it.
  assert.doesNotMatch((await commandLine(["show", JOB_ID], { service: replied })).stdout, /so far|42 s/);
});

Deno.test("reply: to a job that still runs says what it waits for; --follow watches it like run", async () => {
  const receipt = { ...aReceipt({ turn: 2 }), waiting_for: "turn 1 of this job to end" };
  const service = new ScriptedService({ reply: () => Promise.resolve(receipt) });
  const { stdout, stderr } = await commandLine(["reply", JOB_ID, "more"], { service });
  assert.deepEqual([stdout, stderr], [
    `${JOB_ID}\n`,
    `Job ${JOB_ID} still runs: the reply waits for turn 1 of this job to end.\n`,
  ]);
  const reasoning = {
    seq: 8,
    turn: 2,
    time: "2026-01-01T00:00:05.000Z",
    type: "reasoning" as const,
    text: "Hm.",
  };
  const followed = new ScriptedService({
    events: ({ cursor = 0 }) => {
      const events = cursor < 8 ? [reasoning] : [];
      return Promise.resolve({ events, cursor: 8, status: "done", more: false });
    },
    poll: () => Promise.resolve(aResult({ turn: 2, duration_seconds: 90_000 })),
  });
  const end = await commandLine(["reply", JOB_ID, "more", "--follow"], { service: followed });
  assert.equal(end.stdout, "  ~ Hm.\n");
  // From the first start to the last end would be a day: it is left out.
  assert.match(end.stderr, new RegExp(`^-- ${JOB_ID} codex done, 1 file changed`));
});

Deno.test("events: numbered, with how far an action has come", async () => {
  const event = (seq: number, body: EventBody) => ({
    seq,
    turn: 1,
    time: "2026-01-01T00:00:05.000Z",
    ...body,
  });
  const service = new ScriptedService({
    events: () =>
      Promise.resolve({
        events: [
          event(1, { type: "status", state: "running", message: "turn 1: Codex CLI" }),
          event(2, { type: "command", id: "1", state: "started", command: "npm test" }),
          event(3, {
            type: "command",
            id: "1",
            state: "completed",
            command: "npm test",
            exit_code: 0,
            output: "ok",
          }),
          event(4, { type: "file_change", id: "2", state: "started", changes: [] }),
        ],
        cursor: 4,
        status: "done",
        more: false,
      }),
  });
  assert.equal(
    (await commandLine(["events", JOB_ID], { service })).stdout,
    `   1 2026-01-01T00:00:05.000Z status
[turn 1: Codex CLI]
   2 2026-01-01T00:00:05.000Z command started
$ npm test
   3 2026-01-01T00:00:05.000Z command completed
  ok
[exit 0]
   4 2026-01-01T00:00:05.000Z file_change started
`,
  );
});

Deno.test("prune --dry-run: names what would go; prune says how much went", async () => {
  const service = new ScriptedService({
    prune: ({ dry_run = false }) => Promise.resolve({ jobs: [JOB_ID, "def67890"], bytes: 2048, dry_run }),
  });
  const dry = await commandLine(["prune", "--dry-run"], { service });
  assert.equal(dry.stdout, `${JOB_ID}\ndef67890\nWould remove 2 finished jobs (2.0 KiB).\n`);
  const { stdout } = await commandLine(["prune"], { service });
  assert.equal(stdout, "Removed 2 finished jobs (2.0 KiB).\n");
});

Deno.test("changes that nobody has taken over are marked by list, show and prune", async () => {
  const ended = { status: "done", activity: undefined, finished_at: "2026-01-01T00:00:09.000Z" } as const;
  const service = new ScriptedService({
    list: () =>
      Promise.resolve({
        jobs: [aBrief({ ...ended, work: "not_applied" }), aBrief({ ...ended, job_id: "zzzz0002" })],
        total: 2,
      }),
    poll: () => Promise.resolve(aResult({ work: "not_applied" })),
    prune: ({ dry_run = false }) =>
      Promise.resolve({ jobs: [JOB_ID, "def67890"], bytes: 2048, not_applied: [JOB_ID], dry_run }),
  });
  const list = (await commandLine(["list"], { service })).stdout.split("\n");
  assert.match(list[1] ?? "", / done, not applied {2}/);
  assert.match(list[2] ?? "", / done {2}/);
  assert.match((await commandLine(["show", JOB_ID], { service })).stdout, /^changes +not applied; .* diff /m);
  const dry = await commandLine(["prune", "--dry-run"], { service });
  assert.match(dry.stdout, new RegExp(`^${JOB_ID} not applied\ndef67890\nWould remove 2`));
  assert.match(dry.stdout, /The changes of 1 of them .* would be kept as patches in .*patches\.\n$/);
  assert.match((await commandLine(["prune"], { service })).stdout, /are kept as patches in /);
});

Deno.test("prune: places of jobs that are gone are told, and what became of them", async () => {
  const place = { path: "/home/u/.agent-async/places/abcd2345", bytes: 3072, removed: false, patch: null };
  const orphans: PrunedPlace[] = [place];
  const service = new ScriptedService({
    prune: () => Promise.resolve({ jobs: [], bytes: 0, orphans, dry_run: false }),
  });
  const said = async (...args: string[]) =>
    (await commandLine(["prune", ...args], { service })).stdout.replaceAll(/\s+/g, " ");
  assert.match(await said(), /1 place of a job that is gone \(3\.0 KiB\): prune --orphans/);
  orphans.splice(0, 1, { ...place, removed: true, patch: "/p/abcd2345.patch" }, {
    ...place,
    why: "it cannot be read",
  });
  const text = await said("--orphans");
  assert.match(
    text,
    /Removed 1 place of a job that is gone \(3\.0 KiB\)\. What it held is in \/p\/abcd2345\.patch\./,
  );
  assert.match(text, /Kept \/home\/u\/\.agent-async\/places\/abcd2345: it cannot be read\./);
  assert.deepEqual(service.asked("prune").at(-1), { dry_run: false, orphans: true });
});

Deno.test("prune: nothing to remove is said, and why", async () => {
  const service = new ScriptedService({
    prune: () => Promise.resolve({ jobs: [], bytes: 0, dry_run: false }),
  });
  assert.match(
    (await commandLine(["prune"], { service })).stdout,
    /^Nothing to remove: .* configured age.*; --older-than takes younger ones\.\n$/,
  );
  assert.equal(
    (await commandLine(["prune", "--older-than", "7d"], { service })).stdout,
    "Nothing to remove: no finished job is that old.\n",
  );
});
