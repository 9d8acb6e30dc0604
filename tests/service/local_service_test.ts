/** `LocalService` with real processes: what becomes of a job, whatever its agent does. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { recordedLines } from "../support/recorded.ts";

Deno.test("a job runs from start to result", async () => {
  await using harness = await LocalHarness.start();
  const receipt = await harness.run(
    'say hello "you"\nrun echo one; echo two; exit 3\nchange made.txt\nsay all done',
  );
  assert.match(receipt.job_id, /^[0-9a-z]{8}$/);
  assert.equal(receipt.turn, 1);

  const job = await harness.ended(receipt.job_id);
  const { created_at, started_at, finished_at, duration_seconds, output, session_id, ...rest } = job;
  assert.deepEqual(rest, {
    job_id: receipt.job_id,
    agent: "codex",
    status: "done",
    reason: "completed",
    exit_code: 0,
    result: "all done",
    files_changed: [`${harness.state.cwd}/made.txt`],
    commands_run: 1,
    usage: {
      input_tokens: 100,
      cached_input_tokens: 10,
      output_tokens: 20,
      reasoning_tokens: 5,
      total_tokens: 120,
    },
    possibly_truncated: false,
    evidence: { lines_added: 1, lines_removed: 0, commands_failed: 1, doubts: [] },
    turn: 1,
    cwd: harness.state.cwd,
    approval_policy: "auto-edit",
    prompt: 'say hello "you" run echo one; echo two; exit 3 change made.txt say all done',
    cursor: 9,
  });
  assert.ok(created_at <= (started_at ?? "") && (started_at ?? "") <= (finished_at ?? ""));
  assert.ok((duration_seconds ?? -1) >= 0);
  assert.match(session_id ?? "", /^[0-9a-f-]{36}$/);
  assert.match(output, /\$ echo one; echo two; exit 3\n {2}one\n {2}two\n\[command failed \(exit 3\)\]/);
});

const reasons: { name: string; prompt: string; expected: Record<string, unknown> }[] = [
  {
    name: "exit 0 without a last word",
    prompt: "say hi\nquit",
    expected: { reason: "no_result", exit_code: 0 },
  },
  { name: "exit 7 without a last word", prompt: "exit 7", expected: { reason: "exit_code", exit_code: 7 } },
  { name: "killed", prompt: "say hi\ndie KILL", expected: { reason: "exit_code", exit_code: 137 } },
  { name: "terminated", prompt: "die TERM", expected: { reason: "exit_code", exit_code: 143 } },
  {
    name: "half a line, then killed",
    prompt: 'half {"type":\ndie KILL',
    expected: { reason: "exit_code", exit_code: 137 },
  },
  {
    name: "its own failure",
    prompt: "fail the model is unwell",
    expected: { reason: "agent_error", exit_code: 1 },
  },
  {
    name: "a usage limit",
    prompt: "fail You've hit your usage limit. Try again later.",
    expected: { reason: "quota_exhausted", exit_code: 1 },
  },
  {
    name: "no login",
    prompt: "fail unexpected status 401 Unauthorized: no key",
    expected: { reason: "auth_required", exit_code: 1 },
  },
];

for (const { name, prompt, expected } of reasons) {
  Deno.test(`a job that ends by ${name} is an error`, async () => {
    await using harness = await LocalHarness.start();
    const { job_id } = await harness.run(prompt);
    const { status, reason, exit_code, error } = await harness.ended(job_id);
    assert.deepEqual({ status, reason, exit_code }, { status: "error", ...expected });
    assert.ok(error !== undefined && error.length > 10);
  });
}

Deno.test("the end of a transcript has no more lines than were asked for, and says where the whole is", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.ended((await harness.run("say one\nsay two\nsay three")).job_id);
  const whole = (await harness.service.poll({ job_id })).output;
  for (const tail_lines of [0, 1, 2, 5]) {
    const { output } = await harness.service.poll({ job_id, tail_lines });
    const last = whole.split("\n").slice(-tail_lines).join("\n");
    const notice = /^\[earlier output was cut; the whole is in (\S+\/output\.txt)\] /.exec(output);
    assert.equal(output.slice(notice?.[0].length), tail_lines === 0 ? "" : last);
    assert.equal(notice !== null, tail_lines > 0);
    if (notice !== null) assert.equal(Deno.readTextFileSync(notice[1] ?? "").trimEnd(), whole);
  }
});

Deno.test("a job whose agent reports success and then stays is ended after the grace, and is done", async () => {
  await using harness = await LocalHarness.start({ timeouts: { exit_grace_seconds: 1 } });
  const { job_id } = await harness.run("say finished\nignore TERM\nlinger 60");
  const job = await harness.ended(job_id);
  assert.deepEqual({ status: job.status, result: job.result }, { status: "done", result: "finished" });
});

Deno.test("a job whose agent has answered and still waits for what it started in the background goes on", async () => {
  await using harness = await LocalHarness.start({ timeouts: { exit_grace_seconds: 0 } });
  const { cwd, env } = harness.state;
  const bin = harness.state.workspace("bin");
  const lines = recordedLines("claude/2.1.332-monitor.jsonl");
  const answered = lines.findIndex((line) => line.includes('"type":"result"')) + 1;
  Deno.writeTextFileSync(`${bin}/first`, `${lines.slice(0, answered).join("\n")}\n`);
  Deno.writeTextFileSync(`${bin}/rest`, `${lines.slice(answered).join("\n")}\n`);
  const script = `#!/bin/sh
[ "$1" = --version ] && echo "2.1.332 (Claude Code)" && exit
cat ${bin}/first
until [ -e go ]; do sleep 0.05; done
cat ${bin}/rest
`;
  Deno.writeTextFileSync(`${bin}/claude`, script, { mode: 0o755 });
  const origin = { env: { ...env, PATH: `${bin}:${env.PATH}` }, session: "test" };
  const { job_id } = await harness.run("Watch the checks.", { agent: "claude", origin });
  await eventually(async () => {
    const { events } = await harness.service.events({ job_id });
    return events.some(({ type }) => type === "usage");
  }, { what: "the first answer" });
  Deno.writeTextFileSync(`${cwd}/go`, "");
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.result], ["done", "The checks are green."]);
});

Deno.test("nor does it help an agent to go on printing after its last word", async () => {
  await using harness = await LocalHarness.start({ timeouts: { exit_grace_seconds: 1 } });
  const noise = Array.from({ length: 200 }, () => "raw {}\nsleep 0.2").join("\n");
  const { job_id } = await harness.run(`say finished\nraw {"type":"turn.completed"}\n${noise}\nsay late`);
  const job = await harness.ended(job_id);
  assert.deepEqual({ status: job.status, result: job.result }, { status: "done", result: "finished" });
});

Deno.test("the grace begins anew at each last word of an agent that has several", async () => {
  await using harness = await LocalHarness.start({ timeouts: { exit_grace_seconds: 2 } });
  const words = Array.from(
    { length: 6 },
    (_, n) => `say word ${n}\nraw {"type":"turn.completed"}\nsleep 0.6`,
  );
  const { job_id } = await harness.run(words.join("\n"));
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.exit_code, job.result], ["done", 0, "word 5"]);
});

Deno.test("a job over its time limit is ended and says so", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say working\nsleep 600", { timeout_seconds: 3 });
  const job = await harness.ended(job_id);
  assert.deepEqual({ status: job.status, reason: job.reason, result: job.result }, {
    status: "error",
    reason: "timed_out",
    result: "working",
  });
});

Deno.test("a silent job is ended only when a stall limit was asked for", async () => {
  await using harness = await LocalHarness.start({ timeouts: { stall_seconds: 1 } });
  const { job_id } = await harness.run("sleep 60");
  assert.equal((await harness.ended(job_id)).reason, "stalled");
});

Deno.test("a job that prints more than the limit is ended", async () => {
  await using harness = await LocalHarness.start({ limits: { output_bytes: 1_048_576 } });
  const { job_id } = await harness.run("flood 50000000\nsleep 60");
  const job = await harness.ended(job_id);
  assert.deepEqual({ reason: job.reason, truncated: job.possibly_truncated }, {
    reason: "output_limit",
    truncated: true,
  });
});

Deno.test("cancel leaves nothing running and keeps what was written", async () => {
  await using harness = await LocalHarness.start();
  const { cwd } = harness.state;
  const { job_id } = await harness.run(
    "change kept.txt\nignore TERM\nignore INT\nescape 300\ndaemonize 300\nraw {}\nsleep 300",
  );
  const pids = await eventually(() => {
    const found = Deno.readTextFileSync(`${cwd}/escaped`).trim().split("\n").map(Number);
    return found.length === 2 && found;
  }, { what: "both grandchildren" });
  const receipt = await harness.service.cancel({ job_id });
  assert.equal(receipt.status, "cancelled");
  assert.deepEqual(pids.filter(isRunning), []);
  assert.equal(Deno.readTextFileSync(`${cwd}/kept.txt`), "0\n");
  const again = await harness.service.cancel({ job_id });
  assert.match(again.message, /already ended \(cancelled\)/);
  assert.equal((await harness.service.poll({ job_id })).reason, "cancelled");
});

Deno.test("a background process that an agent leaves behind does not outlive its job", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("escape 300\nwait escaped\nsay bye");
  assert.equal((await harness.ended(job_id)).status, "done");
  const [pid] = Deno.readTextFileSync(`${harness.state.cwd}/escaped`).trim().split("\n").map(Number);
  assert.equal(isRunning(pid ?? 0), false);
});

Deno.test("what a job has started is ended at the same time: a cancel takes as long for eight as for one", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 9 } });
  const stubborn = "ignore INT\nignore TERM\nrun touch ready\nwait never";
  const parent = await harness.run("wait never");
  const inside = { ...harness.state.env, AGENT_ASYNC_JOB_ID: parent.job_id, AGENT_ASYNC_DEPTH: "1" };
  const ids: string[] = [];
  for (let n = 0; n < 8; n++) {
    const cwd = harness.state.workspace(`child-${n}`);
    const { job_id } = await harness.run(stubborn, { cwd, origin: { env: inside, session: "test" } });
    await eventually(() => exists(`${cwd}/ready`), { what: "a child at work" });
    ids.push(job_id);
  }
  const begun = performance.now();
  assert.equal((await harness.service.cancel({ job_id: parent.job_id })).status, "cancelled");
  const seconds = (performance.now() - begun) / 1000;
  for (const job_id of ids) assert.equal((await harness.service.poll({ job_id })).status, "cancelled");
  // Each takes 5 s to be killed.
  assert.ok(seconds < 35, `${seconds} s`);
});

Deno.test("what a job has to show outlives a reply that was cancelled before it ran", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("change made.txt\nrun true\nsay first");
  const first = await harness.ended(job_id);
  const other = await harness.run("wait go");
  assert.equal((await harness.reply(job_id, "say never")).status, "pending");
  await harness.service.cancel({ job_id });
  await harness.reply(job_id, "run true\nwait go\nsay second");
  const shown = async () => {
    const { files_changed, commands_run, usage } = await harness.service.poll({ job_id });
    return { files_changed, commands_run, tokens: usage.total_tokens };
  };
  assert.deepEqual(await shown(), {
    files_changed: first.files_changed,
    commands_run: 1,
    tokens: first.usage.total_tokens,
  });
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  await harness.ended(other.job_id);
  assert.equal((await harness.ended(job_id)).result, "second");
  assert.deepEqual(await shown(), {
    files_changed: first.files_changed,
    commands_run: 2,
    tokens: 2 * (first.usage.total_tokens ?? NaN),
  });
});

Deno.test("a pending job is cancelled without ever running", async () => {
  await using harness = await LocalHarness.start();
  const first = await harness.run("wait go");
  const second = await harness.run("change second.txt");
  assert.equal(second.status, "pending");
  assert.match(second.waiting_for ?? "", new RegExp(`^job ${first.job_id}, which may write in `));
  assert.equal(second.position, 1);
  assert.equal((await harness.service.cancel({ job_id: second.job_id })).status, "cancelled");
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  assert.equal((await harness.ended(first.job_id)).status, "done");
  assert.throws(() => Deno.statSync(`${harness.state.cwd}/second.txt`), Deno.errors.NotFound);
});

Deno.test("two writers in one directory take turns; in two directories, or only reading, they do not", async () => {
  await using harness = await LocalHarness.start();
  const other = harness.state.workspace("other");
  const first = await harness.run("wait go\nchange order");
  const second = await harness.run("run test -e order && echo after");
  const elsewhere = await harness.run("say hi", { cwd: other });
  const reader = await harness.run("say read", { approval_policy: "suggest" });
  assert.equal((await harness.ended(elsewhere.job_id)).status, "done");
  assert.equal((await harness.ended(reader.job_id)).status, "done");
  assert.equal((await harness.service.poll({ job_id: second.job_id })).status, "pending");
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  assert.equal((await harness.ended(first.job_id)).status, "done");
  assert.match((await harness.ended(second.job_id)).output, /after/);
});

Deno.test("a limit of 1 makes a strictly sequential queue, by priority and then first come", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 1 } });
  const log = `${harness.state.cwd}/log`;
  const place = (name: string) => ({ cwd: harness.state.workspace(name) });
  const first = await harness.run(`wait ${harness.state.cwd}/go\nrun echo first >>${log}`, place("a"));
  await harness.run(`run echo third >>${log}`, place("b"));
  await harness.run(`run echo second >>${log}`, { ...place("c"), priority: 3 });
  const last = await harness.run(`run echo fourth >>${log}`, place("d"));
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  await harness.ended(first.job_id);
  await harness.ended(last.job_id);
  assert.equal(Deno.readTextFileSync(log), "first\nsecond\nthird\nfourth\n");
});

Deno.test("a job waits for those it comes after, and ends when one of them failed", async () => {
  await using harness = await LocalHarness.start();
  const place = (name: string) => ({ cwd: harness.state.workspace(name) });
  const good = await harness.run("say one", place("a"));
  const bad = await harness.run("exit 3", place("b"));
  const after = await harness.run("say two", { ...place("c"), after: [good.job_id] });
  const never = await harness.run("say three", { ...place("d"), after: [good.job_id, bad.job_id] });
  assert.equal((await harness.ended(after.job_id)).status, "done");
  const failed = await harness.ended(never.job_id);
  assert.deepEqual({ status: failed.status, reason: failed.reason, exit_code: failed.exit_code }, {
    status: "error",
    reason: "dependency_failed",
    exit_code: null,
  });
});

Deno.test("a start that is asked again is answered as it was, whatever has become of its directory", async () => {
  await using harness = await LocalHarness.start();
  const cwd = `${harness.state.cwd}/passing`;
  Deno.mkdirSync(cwd);
  const first = await harness.run("say hi", { request_key: "again", cwd });
  await harness.ended(first.job_id);
  Deno.removeSync(cwd, { recursive: true });
  assert.equal((await harness.run("say hi", { request_key: "again", cwd })).job_id, first.job_id);
  await assert.rejects(harness.run("say hi", { request_key: "new", cwd }), { code: "invalid_argument" });
});

Deno.test("50 starts with one request_key start one job", async () => {
  await using harness = await LocalHarness.start();
  const receipts = await Promise.all(
    Array.from({ length: 50 }, () => harness.run("change once", { request_key: "same" })),
  );
  assert.equal(new Set(receipts.map((receipt) => receipt.job_id)).size, 1);
  await harness.ended(receipts[0]?.job_id ?? "");
  assert.equal((await harness.service.list({})).total, 1);
  assert.equal(Deno.readTextFileSync(`${harness.state.cwd}/once`), "0\n");
  assert.equal([...Deno.readDirSync(`${harness.state.home}/jobs`)].length, 1);
});

Deno.test("a reply continues the session; its usage and events go on from the turn before", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say first\nchange a");
  const before = await harness.ended(job_id);
  const receipt = await harness.reply(job_id, "say second\nchange b");
  assert.deepEqual({ turn: receipt.turn, cursor: receipt.cursor }, { turn: 2, cursor: before.cursor });
  const after = await harness.ended(job_id);
  assert.equal(after.status, "done");
  assert.equal(after.result, "second");
  assert.equal(after.turn, 2);
  assert.equal(after.session_id, before.session_id);
  // The scripted agent counts 200 tokens over the whole session at its second turn: 100 are this turn's.
  assert.equal(after.usage.input_tokens, 200);
  assert.deepEqual(after.files_changed, [`${harness.state.cwd}/a`, `${harness.state.cwd}/b`]);
  const page = await harness.service.events({ job_id, cursor: before.cursor, limit: 500 });
  assert.deepEqual(page.events.map((event) => event.turn), page.events.map(() => 2));
  assert.equal(page.events[0]?.seq, before.cursor + 1);
});

Deno.test("a reply goes on with the model, the policy and the time limit of the turn before, unless it says otherwise", async () => {
  await using harness = await LocalHarness.start();
  const start = { model: "big", approval_policy: "suggest", timeout_seconds: 777 } as const;
  const { job_id } = await harness.run("say first", start);
  await harness.ended(job_id);
  await harness.reply(job_id, "say second");
  await harness.ended(job_id);
  const change = { model: "small", approval_policy: "auto-edit", timeout_seconds: 55 } as const;
  await harness.service.reply({ job_id, prompt: "say third", origin: harness.origin, ...change });
  await harness.ended(job_id);
  await harness.reply(job_id, "say fourth");
  const asked = [1, 2, 3, 4].map((turn) => {
    const path = `${harness.state.home}/jobs/${job_id}/turns/${turn}/turn.json`;
    const { model, approval_policy, timeout_seconds } = JSON.parse(Deno.readTextFileSync(path));
    return { model, approval_policy, timeout_seconds };
  });
  assert.deepEqual(asked, [start, start, change, change]);
});

Deno.test("replies to a running job queue up in order, each once", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("wait go\nrun echo 1 >>log");
  const second = await harness.reply(job_id, "run echo 2 >>log");
  const third = await harness.reply(job_id, "run echo 3 >>log");
  assert.deepEqual([second.turn, third.turn], [2, 3]);
  assert.match(second.waiting_for ?? "", /turn 1/);
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  const job = await eventually(async () => {
    const now = await harness.service.poll({ job_id });
    return now.turn === 3 && now.status === "done" && now;
  }, { what: "the third turn" });
  assert.equal(Deno.readTextFileSync(`${harness.state.cwd}/log`), "1\n2\n3\n");
  assert.equal(job.commands_run, 3);
});

Deno.test("waiting tells of every end exactly once, by cursor", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 10 } });
  const { cursor: begin } = await harness.service.feed({});
  const started: string[] = [];
  for (let n = 0; n < 100; n++) {
    const receipt = await harness.run(`sleep 0.0${n % 7}\nsay ${n}`, { approval_policy: "suggest" });
    started.push(receipt.job_id);
  }
  const told: string[] = [];
  let cursor = begin;
  while (told.length < started.length) {
    const page = await harness.service.wait({ cursor, timeout_seconds: 100 });
    assert.equal(page.timed_out, false);
    told.push(...page.jobs.map((job) => job.job_id));
    cursor = page.cursor;
  }
  assert.deepEqual(told.toSorted(), started.toSorted());
  const rest = await harness.service.wait({ cursor, timeout_seconds: 0 });
  assert.deepEqual({ timed_out: rest.timed_out, jobs: rest.jobs }, { timed_out: true, jobs: [] });
});

Deno.test("waiting for a job that has ended answers at once; for all, when the last has", async () => {
  await using harness = await LocalHarness.start();
  const place = (name: string) => ({ cwd: harness.state.workspace(name) });
  const quick = await harness.run("say quick", place("a"));
  const slow = await harness.run("wait go\nsay slow", place("b"));
  await harness.ended(quick.job_id);
  const ids = [quick.job_id, slow.job_id];
  const any = await harness.service.wait({ job_ids: ids, timeout_seconds: 0 });
  assert.deepEqual(any.jobs.map((job) => job.job_id), [quick.job_id]);
  assert.deepEqual(any.unfinished.map((job) => job.job_id), [slow.job_id]);
  const none = await harness.service.wait({ job_ids: ids, mode: "all", timeout_seconds: 0.05 });
  assert.equal(none.timed_out, true);
  const all = harness.service.wait({ job_ids: ids, mode: "all", timeout_seconds: 100 });
  Deno.writeTextFileSync(`${harness.state.workspace("b")}/go`, "");
  assert.equal((await all).jobs.length, 2);
});

Deno.test("a wait that is given up ends, and nothing else does", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("wait go");
  const controller = new AbortController();
  const given = harness.service.wait({ job_ids: [job_id] }, { signal: controller.signal });
  const kept = harness.service.wait({ job_ids: [job_id] });
  controller.abort();
  await assert.rejects(given, { code: "cancelled" });
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  assert.equal((await kept).jobs[0]?.status, "done");
});

Deno.test("following events gives each once, in order, until the end", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say a\nsleep 0.2\nsay b\nsleep 0.2\nsay c");
  const seen: number[] = [];
  let cursor = 0;
  for (;;) {
    const page = await harness.service.events({ job_id, cursor, limit: 2, wait_seconds: 100 });
    seen.push(...page.events.map((event) => event.seq));
    cursor = page.cursor;
    if (page.events.length === 0 && !page.more && page.status !== "running" && page.status !== "pending") {
      break;
    }
  }
  assert.deepEqual(seen, Array.from({ length: seen.length }, (_, n) => n + 1));
  assert.equal(seen.length, (await harness.service.poll({ job_id })).cursor);
});

Deno.test("the receipt of a repeated start or reply points to the events of its own turn", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say one", { request_key: "a" });
  const before = await harness.ended(job_id);
  assert.equal((await harness.run("say one", { request_key: "a" })).cursor, 0);
  const reply = { job_id, prompt: "say two", request_key: "b", origin: harness.origin };
  assert.equal((await harness.service.reply(reply)).cursor, before.cursor);
  await harness.ended(job_id);
  assert.equal((await harness.service.reply(reply)).cursor, before.cursor);
  // It waits for nothing: a later turn is not before it.
  assert.deepEqual(await harness.run("say one", { request_key: "a" }), {
    job_id,
    agent: "codex",
    status: "done",
    turn: 1,
    cursor: 0,
    message: `Job ${job_id} has ended (done). Read it with job_poll.`,
  });
});

Deno.test("a reply to a job that is being cancelled is refused instead of dropped, and one before it is told of its end", async () => {
  await using harness = await LocalHarness.start();
  const { service } = harness;
  const { job_id } = await harness.run("ignore INT\nignore TERM\nsay deaf\nwait never");
  await eventually(async () => (await service.poll({ job_id })).result === "deaf", { what: "its word" });
  const early = { job_id, prompt: "say early", request_key: "early", origin: harness.origin };
  assert.equal((await service.reply(early)).waiting_for, "turn 1 of this job to end");
  const cancelling = service.cancel({ job_id });
  await eventually(async () => (await service.poll({ job_id })).queued_replies === undefined, {
    what: "the cancel",
  });
  await assert.rejects(harness.reply(job_id, "say late"), {
    code: "conflict",
    message: /is being cancelled/,
  });
  const { status, message, waiting_for } = await service.reply(early);
  assert.deepEqual([status, message, waiting_for], [
    "running",
    `Job ${job_id} is being cancelled, with the replies that waited. Read it with job_poll.`,
    undefined,
  ]);
  assert.equal((await cancelling).status, "cancelled");
  await harness.reply(job_id, "say again");
  assert.equal((await harness.ended(job_id)).result, "again");
});

Deno.test("a reply is never taken for the start, or for another job's reply, that had the same request_key", async () => {
  await using harness = await LocalHarness.start();
  const place = (name: string) => ({ cwd: harness.state.workspace(name), request_key: "task" });
  const one = await harness.run("say one", place("a"));
  const two = await harness.run("say two", { ...place("b"), request_key: "other" });
  const reply = { prompt: "say more", request_key: "task", origin: harness.origin };
  for (const { job_id } of [one, two]) {
    const receipt = await harness.service.reply({ ...reply, job_id });
    assert.deepEqual([receipt.job_id, receipt.turn], [job_id, 2]);
    assert.equal((await harness.service.reply({ ...reply, job_id })).turn, 2);
  }
  assert.equal((await harness.run("say one", place("c"))).job_id, one.job_id);
  for (const { job_id } of [one, two]) {
    await eventually(async () => (await harness.service.poll({ job_id })).result === "more", {
      what: "the reply",
    });
  }
});

function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

Deno.test("activity: an agent that has printed half a sentence is writing, and no longer starting", async () => {
  const script = 'printf "once upon"; until [ -e go ]; do sleep 0.05; done';
  const teller = {
    command: "/bin/sh",
    args: ["-c", script],
    prompt: "stdin",
    output: "text",
    version_args: ["-c", "echo 1"],
  };
  await using harness = await LocalHarness.start({ agents: { teller } });
  const { job_id } = await harness.run("a tale", { agent: "teller" });
  await eventually(async () => (await harness.service.poll({ job_id })).activity === "writing", {
    what: "an activity that is true",
  });
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  assert.equal((await harness.ended(job_id)).result, "once upon");
});
