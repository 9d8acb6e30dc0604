/**
 * Tests of room `cli`: what agents ask, at a terminal and in a script: `questions`, `answer`, `wait`, `run`, `show`,
 * `list`, and a reply that is said at once.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import type { Question } from "../../src/domain/question/question.ts";
import type { QuestionsResult } from "../../src/service/question_requests.ts";
import { aBrief, aReceipt, aResult, JOB_ID, ScriptedService } from "../support/scripted_service.ts";
import { commandLine } from "./command_line.ts";

const MAY_EDIT: Question = {
  question_id: "1-a",
  kind: "approval",
  title: "Change src/a.ts",
  detail: "--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@\n-old\n+\u001b[2Jnew",
  options: [
    { id: "accept", label: "Yes, once", kind: "allow" },
    { id: "decline", label: "No", kind: "reject" },
  ],
  asked_at: "2026-01-01T00:01:00.000Z",
};

const WHICH_NAME: Question = {
  question_id: "1-b",
  kind: "text",
  title: "What shall it be called?",
  detail: "",
  options: [],
  asked_at: "2026-01-01T00:01:30.000Z",
};

const TOLD = `Change src/a.ts
  | --- a/src/a.ts
  | +++ b/src/a.ts
  | @@ -1 +1 @@
  | -old
  | +new
  1  Yes, once (accept)
  2  No (decline)
`;

function asking(
  questions: Question[],
  over: Partial<QuestionsResult["asking"][number]> = {},
): ScriptedService {
  const job = {
    job_id: JOB_ID,
    agent: "codex",
    prompt: "Tidy up",
    cwd: "/home/user/app",
    approval_policy: "ask",
    questions,
    ...over,
  } as const;
  return new ScriptedService({
    questions: () => Promise.resolve({ asking: questions.length === 0 ? [] : [job] }),
    poll: () =>
      Promise.resolve(aResult({ status: "running", finished_at: null, exit_code: null, questions })),
  });
}

Deno.test("questions: shows all that is open, with its whole detail and where it is answered", async () => {
  const service = asking([MAY_EDIT]);
  const { code, stdout } = await commandLine(["questions"], { service, isTerminal: false });
  assert.deepEqual([code, stdout], [
    0,
    `${JOB_ID} codex, ask, in ~/app: Tidy up\nasked 2026-01-01T00:01:00.000Z\n${TOLD}` +
    `Answer: agent-async answer ${JOB_ID}\n\n`,
  ]);
  assert.deepEqual(service.asked("questions"), [{ job_ids: undefined, as: "person" }]);
  const json = await commandLine(["questions", "--json"], { service });
  assert.deepEqual(JSON.parse(json.stdout).asking[0].questions, [MAY_EDIT]);
  const none = await commandLine(["questions"], { service: asking([]) });
  assert.deepEqual([none.code, none.stdout, none.stderr], [0, "", "Nobody asks anything.\n"]);
});

Deno.test("answer: shows on a terminal each question with its detail, and asks until the answer fits", async () => {
  const service = asking([MAY_EDIT, WHICH_NAME]);
  const { code, stderr } = await commandLine(["answer", JOB_ID], {
    service,
    stdin: "3\nmaybe\n1\nbuild",
    isTerminal: true,
  });
  assert.equal(code, 0);
  const again = "1-2 (an empty line leaves it open): ";
  assert.equal(
    stderr,
    `${TOLD}${again}${again}${again}What shall it be called?\n` +
      `Your answer (an empty line leaves it open): Answered; job ${JOB_ID} goes on.\n`,
  );
  const by = { as: "person", by: "the command line" };
  assert.deepEqual(service.asked("answer"), [
    { job_id: JOB_ID, question_id: "1-a", option: "accept", ...by },
    { job_id: JOB_ID, question_id: "1-b", text: "build", ...by },
  ]);
});

Deno.test("answer: an empty line leaves a question open, which is no success", async () => {
  const service = asking([MAY_EDIT, WHICH_NAME]);
  const { code, stderr } = await commandLine(["answer", JOB_ID], {
    service,
    stdin: "\nbuild",
    isTerminal: true,
  });
  assert.equal(code, 1);
  assert.match(stderr, /1 answered; 1 left open\.\n$/);
  assert.deepEqual(service.asked("answer").length, 1);
});

Deno.test("answer: takes an option by id, label or number, or words, also from standard input", async () => {
  const script = { isTerminal: false };
  for (const word of ["decline", "NO", "2"]) {
    const service = asking([MAY_EDIT]);
    assert.equal((await commandLine(["answer", JOB_ID, word], { service, ...script })).code, 0);
    assert.deepEqual(service.asked("answer"), [
      { job_id: JOB_ID, question_id: "1-a", option: "decline", as: "person", by: "the command line" },
    ]);
  }
  const words = asking([WHICH_NAME]);
  await commandLine(["answer", JOB_ID, "-"], { service: words, stdin: "the new one\n", ...script });
  assert.deepEqual(words.asked("answer"), [
    { job_id: JOB_ID, question_id: "1-b", text: "the new one", as: "person", by: "the command line" },
  ]);
});

Deno.test("answer: a key goes with it, and only where each repetition means the same question", async () => {
  const key = ["--request-key", "k"];
  for (const open of [[MAY_EDIT], [WHICH_NAME]]) {
    const service = asking(open);
    const line = ["answer", JOB_ID, "decline", "--question", "1-a", ...key];
    assert.equal((await commandLine(line, { service })).code, 0);
    assert.deepEqual(service.asked("answer"), [{
      job_id: JOB_ID,
      question_id: "1-a",
      option: "decline",
      as: "person",
      by: "the command line",
      request_key: "k",
    }]);
  }
  for (const rest of [["decline"], ["--question", "1-a"]]) {
    const service = asking([MAY_EDIT]);
    const { code, stderr } = await commandLine(["answer", JOB_ID, ...rest, ...key], { service });
    assert.equal(code, 2);
    assert.match(stderr, /--request-key: needs OPTION and --question/);
    assert.deepEqual(service.asked("answer"), []);
  }
});

Deno.test("answer: without an answer and without a terminal it is refused with what it can be", async () => {
  const { code, stderr } = await commandLine(["answer", JOB_ID], {
    service: asking([MAY_EDIT]),
    isTerminal: false,
  });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /OPTION: must be given where nobody can be asked\n.*accept \(Yes, once\), decline \(No\)/,
  );
});

Deno.test("answer: what the service refuses is told in the words of the command line, with its exit code", async () => {
  const refusing = (error: AgentAsyncError) =>
    new ScriptedService({
      questions: () => Promise.resolve({ asking: [] }),
      answer: () => Promise.reject(error),
    });
  const late = new AgentAsyncError(
    "conflict",
    "Cannot answer question 1-a of job x: answered by a person: accept",
  );
  const tooLate = await commandLine(["answer", JOB_ID, "yes"], { service: refusing(late) });
  assert.deepEqual([tooLate.code, tooLate.stderr.includes("answered by a person")], [1, true]);
  const wrong = new AgentAsyncError("invalid_argument", 'option: there is no "yes"');
  const wrongly = await commandLine(["answer", JOB_ID, "yes"], { service: refusing(wrong) });
  assert.deepEqual([wrongly.code, wrongly.stderr.includes("OPTION: there is no")], [2, true]);
});

Deno.test("a command that an agent runs in its shell is an assistant's, and no person's", async () => {
  for (const mark of ["CLAUDECODE", "CODEX_THREAD_ID", "GEMINI_CLI", "CURSOR_AGENT", "AGENT_ASYNC_JOB_ID"]) {
    const service = asking([MAY_EDIT]);
    const env = { HOME: "/home/user", NO_COLOR: "1", [mark]: "1" };
    await commandLine(["answer", JOB_ID, "accept"], { service, env });
    assert.equal(JSON.parse(JSON.stringify(service.asked("answer")))[0].as, "assistant", mark);
  }
});

Deno.test("wait and run --quiet tell what is asked, once, and where to answer it, and go on waiting", async () => {
  for (const args of [["wait", JOB_ID], ["run", "--quiet", "x"]]) {
    let waits = 0;
    const service = new ScriptedService({
      start: () => Promise.resolve(aReceipt()),
      wait: () =>
        Promise.resolve(
          ++waits < 3
            ? {
              timed_out: false,
              jobs: [],
              asking: [{ job_id: JOB_ID, questions: [MAY_EDIT] }],
              unfinished: [aBrief()],
              cursor: 3,
            }
            : { timed_out: false, jobs: [aResult()], unfinished: [], cursor: 4 },
        ),
    });
    const { code, stderr } = await commandLine(args, { service, isTerminal: false });
    assert.equal(code, 0);
    assert.match(stderr, new RegExp(`-- Job ${JOB_ID} asks:\\nChange src/a.ts\\n`));
    assert.equal(stderr.split("Change src/a.ts").length, 2);
    assert.match(stderr, new RegExp(`Answer it: agent-async answer ${JOB_ID}\\n`));
    const told = JSON.parse(JSON.stringify(service.asked("wait"))).map((request: { told: string[] }) =>
      request.told
    );
    assert.deepEqual(told, [[], [`${JOB_ID}/1-a`], [`${JOB_ID}/1-a`]]);
  }
});

Deno.test("show has what a job asks, and list marks it", async () => {
  const service = asking([MAY_EDIT]);
  const shown = await commandLine(["show", JOB_ID], { service, isTerminal: false });
  assert.match(
    shown.stdout,
    new RegExp(`-- asks; agent-async answer ${JOB_ID} answers --\\nChange src/a.ts`),
  );
  const { question_id, kind, title, asked_at } = MAY_EDIT;
  const brief = aBrief({ asking: [{ question_id, kind, title, asked_at }] });
  const listing = new ScriptedService({ list: () => Promise.resolve({ jobs: [brief], total: 1 }) });
  const listed = await commandLine(["list"], { service: listing, isTerminal: false });
  assert.match(listed.stdout, /asks: Change src\/a\.ts/);
});

Deno.test("reply --now is said at once, and what became of it is told", async () => {
  const service = new ScriptedService({
    reply: () => Promise.resolve(aReceipt({ delivered: "interrupted", turn: 2 })),
  });
  const { code, stderr } = await commandLine(["reply", "--now", JOB_ID, "stop that"], { service });
  assert.deepEqual([code, stderr], [0, `Job ${JOB_ID} was interrupted, and goes on with it.\n`]);
  assert.equal(JSON.parse(JSON.stringify(service.asked("reply")))[0].when, "now");
});
