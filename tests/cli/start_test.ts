/**
 * Tests of room `cli`: `start` and `reply`: what is asked for, by value.
 *
 * @module
 */
import assert from "node:assert/strict";
import { StartRequest } from "../../src/service/requests.ts";
import { aBrief, aReceipt, JOB_ID, ScriptedService } from "../support/scripted_service.ts";
import { runProgram } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";
import { commandLine } from "./command_line.ts";

const ENV = { HOME: "/home/user", NO_COLOR: "1", PATH: "/bin" };

/** The one start that was asked for, as it goes over the wire. */
function startOf(service: ScriptedService): Record<string, unknown> {
  const [request] = service.asked("start");
  const { origin, ...rest } = StartRequest.parse(JSON.parse(JSON.stringify(request)));
  assert.deepEqual(origin.env, ENV);
  assert.match(origin.session, /^cli-[0-9a-f-]{36}$/);
  return rest;
}

Deno.test("start: the plain case asks for codex in the current directory and prints the id alone", async () => {
  const service = new ScriptedService();
  const outcome = await commandLine(["start", "fix it"], { service, env: ENV });
  assert.deepEqual(outcome, { code: 0, stdout: `${JOB_ID}\n`, stderr: `Job ${JOB_ID} is running.\n` });
  assert.deepEqual(startOf(service), { agent: "codex", prompt: "fix it", cwd: "/work/project" });
});

Deno.test("start: every option arrives", async () => {
  const service = new ScriptedService({
    list: () => Promise.resolve({ jobs: [aBrief({ job_id: "zzzz0001" })], total: 1 }),
  });
  const { code } = await commandLine([
    ...["start", "-a", "gemini", "-C", "../site", "-p", "suggest", "-m", "large", "--timeout", "1.5m"],
    ...["--request-key", "k1", "--context-file", "a.ts", "--context-file", "b.ts", "--after", "zzzz"],
    ...["--priority", "-3", "--fallback", "claude", "--retry-on-limit", "--title", "Two words", "-"],
  ], { service, env: ENV, stdin: "line 1\nline 2\n" });
  assert.equal(code, 0);
  assert.deepEqual(startOf(service), {
    agent: "gemini",
    prompt: "line 1\nline 2\n",
    cwd: "/work/site",
    title: "Two words",
    approval_policy: "suggest",
    context_files: ["a.ts", "b.ts"],
    model: "large",
    timeout_seconds: 90,
    after: ["zzzz0001"],
    priority: -3,
    fallback: ["claude"],
    retry_on_limit: true,
    request_key: "k1",
  });
});

Deno.test("start: a prompt that looks like an option comes after --", async () => {
  const service = new ScriptedService();
  await commandLine(["start", "--", "--help is what it says"], { service, env: ENV });
  assert.equal(startOf(service)["prompt"], "--help is what it says");
});

Deno.test("start: a job that waits says for what; --json prints the receipt", async () => {
  const receipt = aReceipt({ status: "pending", position: 3, waiting_for: "a slot" });
  const service = new ScriptedService({ start: () => Promise.resolve(receipt) });
  const said = await commandLine(["start", "x"], { service });
  assert.equal(said.stderr, `Job ${JOB_ID} waits for a slot (number 3 in the queue).\n`);
  const json = await commandLine(["start", "--json", "x"], { service });
  assert.deepEqual([JSON.parse(json.stdout), json.stderr], [receipt, ""]);
});

Deno.test("reply: asks for a further turn of that job", async () => {
  const service = new ScriptedService();
  const outcome = await commandLine(["reply", JOB_ID.toUpperCase(), "go on", "-p", "full-auto"], {
    service,
    env: ENV,
  });
  assert.deepEqual([outcome.code, outcome.stdout], [0, `${JOB_ID}\n`]);
  const [{ origin: _origin, ...request }] = JSON.parse(JSON.stringify(service.asked("reply")));
  assert.deepEqual(request, { job_id: JOB_ID, prompt: "go on", approval_policy: "full-auto" });
});

Deno.test("retry: asks for the job once more, with what is to be changed", async () => {
  const service = new ScriptedService();
  const args = [
    "retry",
    JOB_ID.toUpperCase(),
    "-a",
    "claude",
    "-p",
    "suggest",
    "-m",
    "opus",
    "--timeout",
    "2m",
  ];
  const outcome = await commandLine(args, { service, env: ENV });
  assert.deepEqual([outcome.code, outcome.stdout], [0, `${JOB_ID}\n`]);
  const [{ origin: _origin, ...request }] = JSON.parse(JSON.stringify(service.asked("retry")));
  assert.deepEqual(request, {
    job_id: JOB_ID,
    agent: "claude",
    approval_policy: "suggest",
    model: "opus",
    timeout_seconds: 120,
  });
  const json = await commandLine(["retry", "--json", "last"], { service });
  assert.deepEqual(JSON.parse(json.stdout), aReceipt());
});

Deno.test("start -: on a terminal it says what it waits for, and Ctrl-C ends it with nothing started", async () => {
  const service = new ScriptedService();
  const pressed = Promise.withResolvers<() => void>();
  const { code, stderr } = await commandLine(["start", "-"], {
    service,
    isTerminal: true,
    onInterruptible: pressed.resolve,
    stdin: async () => {
      (await pressed.promise)();
      return await new Promise(() => {});
    },
  });
  assert.deepEqual([code, stderr, service.calls], [
    130,
    "Write the prompt; Ctrl-D on an empty line ends it.\n",
    [],
  ]);
});

Deno.test("start: a prompt that is no UTF-8 is refused, since the agent would get another one", async () => {
  await using state = makeStateHome();
  const stdin = new Uint8Array([...new TextEncoder().encode("say caf"), 0xe9, 0x0a]);
  const { code, stdout, stderr } = await runProgram(state, ["start", "-"], { stdin });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /PROMPT: standard input is no UTF-8 text\n/);
});
