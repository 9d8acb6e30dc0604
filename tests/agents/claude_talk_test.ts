/**
 * Tests of room `agents`: talks with Claude Code, folded from lines that the real one has printed and from inputs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeLive } from "../../src/agents/claude/live/driver.ts";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import { askingSettings, editingSettings } from "../../src/agents/claude/read_only.ts";
import type { Talk, TalkContext, TalkInput } from "../../src/agents/live_driver.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import type { Reading } from "../../src/agents/turn_reader.ts";
import type { ApprovalPolicy } from "../../src/domain/agent/policy.ts";
import { recordedLines, recordings } from "../support/recorded.ts";

const TURN = "5f0c5b4e-0000-4000-8000-000000000000";

const CONTEXT: TalkContext = {
  cwd: "/home/dev/repo",
  policy: "ask",
  model: null,
  sessionId: null,
  newSessionId: TURN,
  sessionUsage: null,
  startedAt: 0,
  mcp: "none",
  mcpServers: [],
  gitDirs: [],
  tempDirs: [],
  nestedRepositories: [],
  untrustedRoots: [],
  version: null,
};

function talkUnder(policy: ApprovalPolicy = "ask"): Talk {
  return claudeLive.talk({ ...CONTEXT, policy });
}

type Step = { line: string } | { input: TalkInput };

/** A recording: what the agent printed, and what was put into the talk in between. */
function stepsOf(name: string): Step[] {
  return recordedLines(`claude_talk/${name}.jsonl`).map((text) =>
    text.startsWith("<< ") ? { line: text.slice(3) } : { input: JSON.parse(text.slice(3)) }
  );
}

function follow(talk: Talk, step: Step): Reading {
  return "line" in step ? talk.read(step.line) : talk.apply(step.input);
}

/** All that the readings tell, and where in the recording it was over for the first time. */
function folded(talk: Talk, steps: readonly Step[]) {
  const readings: Reading[] = [];
  let overAt: number | null = null;
  for (const [index, step] of steps.entries()) {
    readings.push(follow(talk, step));
    if (talk.isOver) overAt ??= index;
  }
  readings.push(talk.finish());
  const said = readings.flatMap(({ says = [] }) => says);
  const heard = readings.flatMap((reading) => reading.heard ?? []);
  return {
    events: readings.flatMap(({ events }) => events),
    keys: said.map(({ key }) => key),
    lines: said.map(({ line }): unknown => JSON.parse(line)),
    heard,
    unheard: said.filter(({ key, isAcknowledged }) => isAcknowledged && !heard.includes(key)).map(({ key }) =>
      key
    ),
    asks: readings.flatMap(({ asks = [] }) => asks),
    withdraws: readings.flatMap(({ withdraws = [] }) => withdraws),
    steered: readings.flatMap((reading) => reading.steered ?? []),
    terminal: readings.reduce<Reading["terminal"]>((last, { terminal }) => terminal ?? last, undefined),
    overAt,
  };
}

function toolRequest(id: string, tool: string, input: Record<string, unknown>, more: object = {}): string {
  return JSON.stringify({
    type: "control_request",
    request_id: id,
    request: { subtype: "can_use_tool", tool_name: tool, input, tool_use_id: `call-${id}`, ...more },
  });
}

const RESULT = {
  type: "result",
  subtype: "success",
  is_error: false,
  result: "Done.",
  modelUsage: {},
  permission_denials: [],
};

function resultLine(result: string): string {
  return JSON.stringify({ ...RESULT, result });
}

/** The id under which the talk says a message. */
function uuidOf({ says = [] }: Reading): string {
  return JSON.parse(says[0]?.line ?? "{}").uuid;
}

function echo(uuid: string): string {
  return JSON.stringify({ type: "user", uuid, isReplay: true, message: { role: "user", content: "x" } });
}

function lifecycle(uuid: string, state: string): string {
  return JSON.stringify({ type: "command_lifecycle", command_uuid: uuid, state });
}

Deno.test("claude talk: every recording is over at its last result, when all that was said was heard", () => {
  const names = recordings("claude_talk").map((name) => name.slice("claude_talk/".length, -".jsonl".length));
  assert.ok(names.length >= 8);
  for (const name of names) {
    const steps = stepsOf(name);
    const { overAt, unheard, events } = folded(
      talkUnder(/steered|second/.test(name) ? "full-auto" : "ask"),
      steps,
    );
    const lastResult = steps.findLastIndex((step) => "line" in step && step.line.includes('"type":"result"'));
    assert.equal(overAt, lastResult, name);
    assert.deepEqual(unheard, [], name);
    assert.deepEqual(events.filter(({ type }) => type === "raw"), [], name);
  }
});

Deno.test("claude talk: the same lines and inputs give the same readings, and each key is said once", () => {
  for (const name of recordings("claude_talk")) {
    const steps = stepsOf(name.slice("claude_talk/".length, -".jsonl".length));
    const [one, other] = [talkUnder(), talkUnder()];
    const readings = steps.map((step) => follow(one, step));
    assert.deepEqual(steps.map((step) => follow(other, step)), readings, name);
    const keys = readings.flatMap(({ says = [] }) => says).map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length, name);
  }
});

for (const version of ["2.1.332", "2.1.197"]) {
  Deno.test(`claude talk: a command, a file and a user question asked and answered, by ${version}`, () => {
    const { asks, lines, terminal, events, keys } = folded(talkUnder(), stepsOf(`${version}-asked`));
    assert.deepEqual(asks.map(({ kind, title }) => [kind, title]), [
      ["approval", "Run: touch x"],
      ["approval", "Write /home/dev/repo/n.txt"],
      ["choice", "Which library?"],
    ]);
    assert.deepEqual(keys.slice(0, 2), ["initialize", "prompt"]);
    const [initialize, prompt, ...answers] = lines;
    assert.deepEqual(initialize, {
      type: "control_request",
      request_id: "initialize",
      request: { subtype: "initialize", hooks: null },
    });
    assert.deepEqual(Object.keys(Object(prompt)), [
      "type",
      "uuid",
      "message",
      "parent_tool_use_id",
      "session_id",
    ]);
    assert.deepEqual(answers.map((answer) => Object(answer).response.response), [
      { behavior: "allow", updatedInput: { command: "touch x", description: "scripted" } },
      {
        behavior: "deny",
        message:
          "The user rejected this call. Go on without it, and do not try to do the same in another way. " +
          "The user says: not now",
      },
      {
        behavior: "allow",
        updatedInput: {
          questions: [{
            question: "Which library?",
            header: "Library",
            multiSelect: false,
            options: [
              { label: "Alpha", description: "the old one" },
              { label: "Beta", description: "the new one" },
            ],
          }],
          answers: { "Which library?": "Beta" },
        },
      },
    ]);
    // Nothing that Claude Code suggested beside it.
    assert.equal(JSON.stringify(lines).includes("updatedPermissions"), false);
    assert.deepEqual(terminal, { ok: true, result: "fin" });
    assert.deepEqual(
      events.flatMap((event) => event.type === "file_change" ? [event.state] : []),
      ["started", "declined"],
    );
    assert.deepEqual(events.filter(({ type }) => type === "warning"), []);
  });

  Deno.test(`claude talk: a message during a command is part of the one result, by ${version}`, () => {
    const { steered, terminal, events } = folded(talkUnder("full-auto"), stepsOf(`${version}-steered`));
    assert.deepEqual(steered, [{ key: "s1", how: "queued" }]);
    assert.deepEqual(terminal, { ok: true, result: "first" });
    const usages = events.filter((event) => event.type === "usage");
    assert.deepEqual(usages.map(({ so_far }) => so_far), [true, true, undefined]);
  });

  Deno.test(`claude talk: of two results the last counts, and no word is given before it, by ${version}`, () => {
    const steps = stepsOf(`${version}-second-answer`);
    const talk = talkUnder("full-auto");
    const words = steps.flatMap((step) => follow(talk, step).terminal ?? []);
    assert.deepEqual(words, [{ ok: true, result: "second" }]);
  });

  Deno.test(`claude talk: an interruption withdraws the question, and takes what was queued with it, by ${version}`, () => {
    const { asks, withdraws, terminal, keys, events } = folded(
      talkUnder(),
      stepsOf(`${version}-interrupted`),
    );
    assert.deepEqual(withdraws, asks.map(({ question_id }) => question_id));
    assert.equal(terminal?.ok, false);
    // The older one has no other way to take back what it was told.
    const again = keys.filter((key) => key.startsWith("interrupt "));
    assert.equal(again.length, version === "2.1.197" ? 1 : 0);
    assert.equal(events.some((event) => event.type === "message"), false);
  });
}

Deno.test("claude talk: what was used so far is told with each call of the model, its output by an estimate", () => {
  const talk = talkUnder();
  const call = (id: string, text: string, input: number) =>
    talk.read(JSON.stringify({
      type: "assistant",
      message: {
        id,
        model: "m",
        content: [{ type: "text", text }],
        usage: {
          input_tokens: input,
          cache_read_input_tokens: 20,
          cache_creation_input_tokens: 3,
          output_tokens: 1,
        },
      },
      parent_tool_use_id: null,
    })).events.flatMap((event) => event.type === "usage" ? [event] : []);
  const [first] = call("a", "x".repeat(374), 100);
  assert.deepEqual(first, {
    type: "usage",
    usage: { input_tokens: 123, cached_input_tokens: 20, output_tokens: 100, total_tokens: 223 },
    so_far: true,
  });
  // Another line of the same call tells nothing new at once.
  assert.deepEqual(call("a", "y".repeat(374), 100), []);
  const [second] = call("b", "", 200);
  assert.equal(second?.usage.input_tokens, 346);
  assert.equal(second?.usage.output_tokens, 207);
  talk.read(JSON.stringify({
    ...RESULT,
    usage: {
      input_tokens: 340,
      cache_read_input_tokens: 40,
      cache_creation_input_tokens: 6,
      output_tokens: 90,
    },
  }));
  // The result knows better, and the next call goes on from there.
  const [third] = call("c", "", 100);
  assert.deepEqual([third?.usage.input_tokens, third?.usage.output_tokens], [386 + 123, 90 + 7]);
});

Deno.test("claude talk: a dying process leaves the word that was held back for a message it never took", () => {
  const steps = stepsOf("2.1.197-second-answer");
  const first = steps.findIndex((step) => "line" in step && step.line.includes('"type":"result"'));
  const { terminal, overAt } = folded(talkUnder("full-auto"), steps.slice(0, first + 1));
  assert.deepEqual(terminal, { ok: true, result: "first" });
  assert.equal(overAt, null);
});

Deno.test("claude talk: a result without an echo belongs to the oldest message", () => {
  const talk = talkUnder();
  talk.apply({ kind: "open" });
  talk.apply({ kind: "prompt", text: "go" });
  const reading = talk.read(resultLine("Not logged in"));
  assert.deepEqual(reading.heard, ["prompt"]);
  assert.deepEqual(reading.terminal, { ok: true, result: "Not logged in" });
  assert.equal(talk.isOver, true);
});

Deno.test("claude talk: a message that Claude Code drops is refused, and the word before it counts", () => {
  const talk = talkUnder();
  const prompt = uuidOf(talk.apply({ kind: "prompt", text: "go" }));
  talk.read(lifecycle(prompt, "queued"));
  talk.read(echo(prompt));
  const steer = talk.apply({ kind: "steer", key: "k", text: "/also" });
  assert.equal(steer.steered, undefined);
  assert.equal(JSON.parse(steer.says?.[0]?.line ?? "").message.content, "\n/also");
  assert.deepEqual(talk.read(lifecycle(uuidOf(steer), "queued")).steered, [{ key: "k", how: "queued" }]);
  assert.equal(talk.read(resultLine("Done.")).terminal, undefined);
  assert.equal(talk.isOver, false);
  const dropped = talk.read(lifecycle(uuidOf(steer), "cancelled"));
  assert.deepEqual([dropped.steered, dropped.heard, dropped.terminal], [
    [{ key: "k", how: "refused" }],
    ["steer k"],
    { ok: true, result: "Done." },
  ]);
  assert.equal(talk.isOver, true);
});

Deno.test("claude talk: a message after the last word makes it work again", () => {
  const talk = talkUnder();
  const prompt = uuidOf(talk.apply({ kind: "prompt", text: "go" }));
  talk.read(echo(prompt));
  talk.read(resultLine("Done."));
  const steer = talk.apply({ kind: "steer", key: "k", text: "also" });
  assert.equal(talk.isOver, false);
  assert.equal(talk.read(echo(uuidOf(steer))).resumes, true);
  assert.equal(talk.isOver, false);
  assert.deepEqual(talk.read(resultLine("Both.")).terminal, { ok: true, result: "Both." });
  assert.equal(talk.isOver, true);
});

Deno.test("claude talk: a request of another kind gets the protocol's error, an unknown line is data", () => {
  const talk = talkUnder();
  const line = JSON.stringify({
    type: "control_request",
    request_id: "r1",
    request: { subtype: "dance", partner: "me" },
  });
  const { says = [], events } = talk.read(line);
  assert.deepEqual(says.map(({ line }): unknown => JSON.parse(line)), [{
    type: "control_response",
    response: { subtype: "error", request_id: "r1", error: "agent-async does not know this request" },
  }]);
  assert.deepEqual(events, [{ type: "raw", text: line }]);
  for (const odd of ['{"type":"control_request"}', '{"type":"brand_new","x":1}', "no JSON at all"]) {
    assert.ok(talk.read(odd).says === undefined);
  }
  assert.deepEqual(talk.read('{"type":"brand_new","x":1}').events, [
    { type: "raw", text: '{"type":"brand_new","x":1}' },
  ]);
});

Deno.test("claude talk: an output that speaks of control requests is no request", () => {
  const talk = talkUnder();
  const content = '{"type":"control_request","request_id":"r"} "isReplay" "command_lifecycle"';
  const line = JSON.stringify({
    type: "assistant",
    message: { content: [{ type: "text", text: content }] },
    parent_tool_use_id: null,
  });
  assert.deepEqual(talk.read(line), { events: [{ type: "message", text: content }] });
});

for (const policy of ["suggest", "auto-edit", "full-auto"] as const) {
  Deno.test(`claude talk: under ${policy} a request is refused at once, and the call's event says so`, () => {
    const talk = talkUnder(policy);
    const call = { type: "tool_use", id: "call-r1", name: "Bash", input: { command: "make" } };
    talk.read(JSON.stringify({ type: "assistant", message: { content: [call] }, parent_tool_use_id: null }));
    const { says = [], asks } = talk.read(toolRequest("r1", "Bash", { command: "make" }));
    assert.equal(asks, undefined);
    const { response } = JSON.parse(says[0]?.line ?? "");
    assert.deepEqual([response.request_id, response.response.behavior], ["r1", "deny"]);
    const answer = {
      type: "tool_result",
      tool_use_id: "call-r1",
      content: response.response.message,
      is_error: true,
    };
    const { events } = talk.read(JSON.stringify({ type: "user", message: { content: [answer] } }));
    assert.deepEqual(events.map((event) => event.type === "command" ? event.state : event.type), [
      "declined",
    ]);
    const form = {
      type: "control_request",
      request_id: "r2",
      request: { subtype: "elicitation", mcp_server_name: "shop", message: "Which?" },
    };
    const refused = talk.read(JSON.stringify(form));
    assert.deepEqual(JSON.parse(refused.says?.[0]?.line ?? "").response.response, { action: "decline" });
    assert.deepEqual(refused.events, [{
      type: "tool_call",
      id: "r2",
      state: "declined",
      server: "shop",
      tool: "elicitation",
      error: "Which? (nobody is asked under this approval policy)",
    }]);
  });
}

Deno.test("claude talk: words beside a permission reach the model as a message", () => {
  const talk = talkUnder();
  talk.read(toolRequest("r1", "Bash", { command: "make" }));
  const { says = [] } = talk.apply({
    kind: "answer",
    question_id: "r1",
    answer: { option: "allow", text: "Only this target." },
  });
  assert.deepEqual(says.map(({ key }) => key), ["r1", "remark r1"]);
  assert.equal(JSON.parse(says[1]?.line ?? "").message.content, "Only this target.");
});

Deno.test("claude talk: a question that nobody answers is declined with the reason", () => {
  const talk = talkUnder();
  talk.read(toolRequest("r1", "Bash", { command: "make" }));
  assert.equal(talk.isOver, false);
  const { says = [] } = talk.apply({ kind: "refuse", question_id: "r1", why: "nobody answered in time" });
  assert.deepEqual(JSON.parse(says[0]?.line ?? "").response.response, {
    behavior: "deny",
    message:
      "Not allowed: nobody answered in time. Go on without it, and do not try to do the same in another way.",
  });
  // Answered and refused once, it is not open any more.
  assert.deepEqual(talk.apply({ kind: "answer", question_id: "r1", answer: { option: "allow" } }), {
    events: [],
  });
});

const USER_QUESTIONS = {
  questions: [
    { question: "Which?", header: "", options: [{ label: "A" }, { label: "B" }], multiSelect: false },
    { question: "Why?", options: [] },
  ],
};

Deno.test("claude talk: several user questions are one response, when the last of them is settled", () => {
  const talk = talkUnder();
  const { asks = [] } = talk.read(toolRequest("r1", "AskUserQuestion", USER_QUESTIONS));
  assert.deepEqual(asks.map(({ question_id, kind }) => [question_id, kind]), [
    ["r1.1", "choice"],
    ["r1.2", "text"],
  ]);
  const first = talk.apply({ kind: "answer", question_id: "r1.2", answer: { text: "Because." } });
  assert.deepEqual(first, { events: [] });
  const { says = [] } = talk.apply({ kind: "refuse", question_id: "r1.1", why: "nobody knows" });
  assert.deepEqual(JSON.parse(says[0]?.line ?? "").response.response.updatedInput.answers, {
    "Why?": "Because.",
    "Which?": "(not answered: nobody knows)",
  });
});

Deno.test("claude talk: a withdrawn request withdraws what is still open of it", () => {
  const talk = talkUnder();
  talk.read(toolRequest("r1", "AskUserQuestion", USER_QUESTIONS));
  talk.apply({ kind: "answer", question_id: "r1.1", answer: { option: "1" } });
  const cancel = JSON.stringify({ type: "control_cancel_request", request_id: "r1" });
  assert.deepEqual(talk.read(cancel).withdraws, ["r1.2"]);
  assert.equal(talk.read(cancel).withdraws, undefined);
});

Deno.test("claude talk: a question shows what would be done, never what the model calls it", () => {
  const shown = (tool: string, input: Record<string, unknown>, more: object = {}) => {
    const [question] = talkUnder().read(toolRequest("r", tool, input, more)).asks ?? [];
    return [question?.title, question?.detail];
  };
  assert.deepEqual(
    shown("Bash", { command: "rm -rf \u001b[8mx", description: "list files", run_in_background: true }),
    ["Run: rm -rf \\u{1b}[8mx", 'rm -rf \\u{1b}[8mx\n\n{\n  "run_in_background": true\n}'],
  );
  assert.deepEqual(
    shown("Edit", { file_path: "/r/a.txt", old_string: "a\nb", new_string: "c", replace_all: true }),
    ["Edit /r/a.txt", "--- /r/a.txt\n+++ /r/a.txt\n@@ everywhere in the file @@\n-a\n-b\n+c"],
  );
  assert.deepEqual(
    shown("MultiEdit", {
      file_path: "/r/a.txt",
      edits: [{ old_string: "a", new_string: "" }, { old_string: "", new_string: "b" }],
    }),
    ["Edit /r/a.txt", "--- /r/a.txt\n+++ /r/a.txt\n@@\n-a\n@@\n+b"],
  );
  assert.deepEqual(
    shown("Write", { file_path: "/etc/x", content: "1\n2\n" }, { decision_reason: "Path is outside" }),
    ["Write /etc/x", "The whole of /etc/x becomes:\n+1\n+2\n\nClaude Code asks because: Path is outside"],
  );
  assert.deepEqual(shown("mcp__my_shop__buy", { id: 7 }), [
    "Use the tool buy of the MCP server my_shop",
    '{\n  "id": 7\n}',
  ]);
  assert.deepEqual(shown("ExitPlanMode", { plan: "# Plan\n1. do" }), ["Carry out the plan", "# Plan\n1. do"]);
  assert.deepEqual(
    shown("WebFetch", { url: "https://example.com", prompt: "read" })[0],
    "Fetch https://example.com",
  );
  assert.deepEqual(shown("Skill", { skill: "deploy" }), ["Use the tool Skill", '{\n  "skill": "deploy"\n}']);
  // Arguments of a shape that is not known are shown as they are, and answered as any other call.
  assert.deepEqual(shown("AskUserQuestion", { questions: "?" })[0], "Use the tool AskUserQuestion");
});

const PLAN: TurnPlan<ApprovalPolicy> = {
  ...CONTEXT,
  executable: "/bin/claude",
  promptFile: "/state/prompt.md",
  scratchDir: "/state/scratch",
  extraArgs: [],
  isRoot: false,
};

Deno.test("claude talk: the command passes all that the one-way command does, and how to be spoken to", () => {
  const spoken = ["--input-format", "stream-json", "--replay-user-messages"];
  for (const policy of ["suggest", "auto-edit", "full-auto"] as const) {
    for (const mcp of ["none", "inherit"] as const) {
      const plan = { ...PLAN, policy, mcp, model: "opus", extraArgs: ["--x"], isRoot: true };
      const { args, env, stdin } = claudeLive.command(plan);
      const oneWay = claudeDriver.command({ ...plan, policy });
      assert.deepEqual(args, ["-p", ...spoken, ...oneWay.args.slice(1)]);
      assert.deepEqual(env, oneWay.env);
      assert.equal(stdin, "channel");
    }
  }
});

Deno.test("claude talk: under ask it works by the user's own rules and asks over its streams for all else", () => {
  const { args, env } = claudeLive.command({
    ...PLAN,
    policy: "ask",
    extraArgs: ["--permission-mode", "auto"],
  });
  assert.deepEqual(args.slice(args.indexOf("--setting-sources")), [
    "--setting-sources",
    "user",
    "--add-dir",
    ".",
    "--settings",
    askingSettings(PLAN.cwd),
    "--permission-mode",
    "auto",
    "--permission-mode",
    "default",
    "--permission-prompt-tool",
    "stdio",
    "--disallowedTools",
    "ScheduleWakeup,EnterPlanMode",
  ]);
  assert.equal(env["CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD"], "1");
  const [asking, editing] = [askingSettings("/r"), editingSettings("/r")].map((text) => JSON.parse(text));
  // The same but for what its hook decides: git in another repository is asked for.
  assert.deepEqual(asking.permissions, editing.permissions);
  const [{ command }] = asking.hooks.PreToolUse[0].hooks;
  assert.match(command, /"permissionDecision":"ask"/);
});
