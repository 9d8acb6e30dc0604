/**
 * Tests of room `cli`: `run`: what is printed as an agent works, Ctrl-C, and the exit code at the end.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import type { JobStatus } from "../../src/domain/job/reason.ts";
import type { EventsPage } from "../../src/service/read_requests.ts";
import { aResult, JOB_ID, ScriptedService, untilGivenUp } from "../support/scripted_service.ts";
import { commandLine } from "./command_line.ts";

const WORK: readonly EventBody[] = [
  { type: "session", session_id: "s-1" },
  { type: "reasoning", text: "Where is it?" },
  { type: "command", id: "1", state: "started", command: "npm test" },
  { type: "command", id: "1", state: "failed", command: "npm test", exit_code: 1, output: "1 failed" },
  { type: "file_change", id: "2", state: "completed", changes: [{ path: "src/a.ts", kind: "update" }] },
  { type: "message", text: "All tests pass now." },
];

function page(bodies: readonly EventBody[], after: number, status: JobStatus): EventsPage {
  const events = bodies.map((body, index) => ({
    seq: after + index + 1,
    turn: 1,
    time: "2026-01-01T00:00:05.000Z",
    ...body,
  }));
  return { events, cursor: after + bodies.length, status, more: false };
}

/** A job whose events come in two pages; the second comes with the news of its end. */
function working(bodies = WORK, result = aResult()): ScriptedService {
  return new ScriptedService({
    events: ({ cursor = 0 }) =>
      Promise.resolve(
        cursor === 0
          ? page(bodies.slice(0, 3), 0, "running")
          : page(bodies.slice(cursor), cursor, result.status),
      ),
    poll: () => Promise.resolve(result),
    wait: () => Promise.resolve({ timed_out: false, jobs: [result], unfinished: [], cursor: 1 }),
  });
}

Deno.test("run: prints what the agent says and does to stdout, and how it ended to stderr", async () => {
  assert.deepEqual(await commandLine(["run", "x"], { service: working() }), {
    code: 0,
    stdout:
      "$ npm test\n  1 failed\n[command failed (exit 1)]\n[changed src/a.ts]\n\nAll tests pass now.\n\n",
    stderr:
      `Job ${JOB_ID} is running.\n-- ${JOB_ID} codex done in 42 s, 1 file changed, 10 tokens in, 5 out\n`,
  });
});

Deno.test("run: reads every event once, by long polls, until there is no more after the end", async () => {
  const service = working();
  await commandLine(["run", "x"], { service });
  const asked = service.asked("events").map((request) => JSON.parse(JSON.stringify(request)));
  assert.deepEqual(asked.map(({ cursor, wait_seconds }) => [cursor, wait_seconds]), [[0, 50], [3, 50], [
    6,
    50,
  ]]);
});

Deno.test("run --follow: with reasoning and the output of commands", async () => {
  const { stdout } = await commandLine(["run", "--follow", "x"], { service: working() });
  assert.match(stdout, /\[session s-1\]\n {2}~ Where is it\?\n\$ npm test\n {2}1 failed\n/);
});

Deno.test("run --quiet: the agent's final message and nothing else", async () => {
  assert.deepEqual(await commandLine(["run", "-q", "x"], { service: working() }), {
    code: 0,
    stdout: "All tests pass now.\n",
    stderr: "",
  });
});

Deno.test("run --json: the job result; with --follow each event before it, a line each", async () => {
  const plain = await commandLine(["run", "--json", "x"], { service: working() });
  assert.deepEqual([JSON.parse(plain.stdout), plain.stderr], [aResult(), ""]);
  const followed = await commandLine(["run", "--json", "--follow", "x"], { service: working() });
  const lines = followed.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.type), [...WORK.map((body) => body.type), "result"]);
  assert.deepEqual(lines.at(-1), { type: "result", ...aResult() });
});

Deno.test("run: a job that failed gives exit code 1, its error and what to do in the words of commands", async () => {
  const result = aResult({
    status: "error",
    reason: "timed_out",
    result: null,
    error: "The turn ran too long",
    hint: "Continue it with job_reply.",
  });
  for (const option of ["--follow", "--quiet"]) {
    const { code, stderr } = await commandLine(["run", option, "x"], { service: working(WORK, result) });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /error in 42 s, timed_out, .*\nThe turn ran too long\nContinue it with agent-async reply\.\n$/,
    );
  }
});

Deno.test("run: a text of the agent does nothing to the terminal, in text and in JSON", async () => {
  const evil: EventBody[] = [
    { type: "message", text: "before\x1b]0;title\x07\x1b[2J\x9b31mafter\x7f\r" },
    { type: "raw", text: "\x1b[1mraw" },
  ];
  const result = aResult({
    status: "error",
    reason: "agent_error",
    error: "\x1b[31mred\x9b",
    result: "\x1b[5m",
  });
  for (const options of [[], ["--follow"], ["--json"], ["--json", "--follow"], ["-q"]]) {
    const { stdout, stderr } = await commandLine(["run", ...options, "x"], {
      service: working(evil, result),
    });
    // deno-lint-ignore no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(stdout + stderr, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/, options.join());
  }
});

Deno.test("run: colour on a terminal only, and never with NO_COLOR", async () => {
  const coloured = async (isTerminal: boolean, env: Record<string, string>) => {
    const { stdout } = await commandLine(["run", "x"], { service: working(), isTerminal, env });
    return stdout.includes("\x1b[");
  };
  assert.deepEqual(
    [
      await coloured(true, { TERM: "xterm" }),
      await coloured(true, { NO_COLOR: "1" }),
      await coloured(true, { TERM: "dumb" }),
      await coloured(false, { TERM: "xterm" }),
    ],
    [true, false, false, false],
  );
});

/** `run` of a job that does not end, with Ctrl-C pressed as soon as it is followed. */
async function interrupted(options: { isTerminal: boolean; answer: string }) {
  let press = () => {};
  const service = new ScriptedService({
    events: (_request, call) => {
      press();
      return untilGivenUp(call);
    },
  });
  const outcome = await commandLine(["run", "x"], {
    service,
    isTerminal: options.isTerminal,
    stdin: options.answer,
    onInterruptible: (pressed) => press = pressed,
  });
  return { ...outcome, cancelled: service.asked("cancel") };
}

Deno.test("run: Ctrl-C without a terminal leaves the job running", async () => {
  const { code, stderr, cancelled } = await interrupted({ isTerminal: false, answer: "c\n" });
  assert.deepEqual([code, cancelled], [130, []]);
  assert.match(stderr, new RegExp(`Job ${JOB_ID} goes on: agent-async wait ${JOB_ID}`));
});

Deno.test("run: Ctrl-C on a terminal asks once; Enter leaves the job running, c cancels it", async () => {
  const left = await interrupted({ isTerminal: true, answer: "\n" });
  assert.deepEqual([left.code, left.cancelled], [130, []]);
  assert.match(left.stderr, /Leave it running \(Enter\), or cancel it \(c\)\? /);
  const ended = await interrupted({ isTerminal: true, answer: "C\n" });
  assert.deepEqual([ended.code, ended.cancelled], [130, [{ job_id: JOB_ID }]]);
  assert.match(ended.stderr, /Nothing of it is left running/);
});

Deno.test("run: a second Ctrl-C ends the program at once, whatever it does", async () => {
  let press = () => {};
  const service = new ScriptedService({
    start: () => {
      press();
      press();
      return new Promise(() => {});
    },
  });
  const { code } = await commandLine(["run", "x"], {
    service,
    onInterruptible: (pressed) => press = pressed,
  });
  assert.equal(code, 130);
});

Deno.test("run: an unknown type of event, of a newer daemon, is passed over or shown as it came", async () => {
  const service = new ScriptedService({
    events: ({ cursor = 0 }) => {
      const one = { seq: 1, turn: 1, time: "2026-01-01T00:00:05.000Z", type: "plan" as const, items: "?" };
      return Promise.resolve({ events: cursor === 0 ? [one] : [], cursor: 1, status: "done", more: false });
    },
  });
  assert.equal((await commandLine(["run", "x"], { service })).stdout, "");
  assert.match((await commandLine(["run", "-f", "x"], { service })).stdout, /"items":"\?"/);
});
