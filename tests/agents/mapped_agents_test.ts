/**
 * Tests of room `agents`: what the configuration can say of an agent of the user's own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { customDriver } from "../../src/agents/custom/driver.ts";
import type { AgentDriver } from "../../src/agents/driver.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import { withPreset } from "../../src/domain/agent/presets/agent_presets.ts";
import { FIRST_TURN, readAll } from "../support/recorded.ts";

function driverOf(config: object): AgentDriver {
  return customDriver("mine", CustomAgentConfig.parse({ command: "mine", ...config }));
}

function read(config: object, lines: readonly unknown[]) {
  return readAll(driverOf({ output: "jsonl", ...config }), lines.map((line) => JSON.stringify(line)));
}

/** As the contract has it. */
const PI = {
  args: ["--mode", "json", ["-m", "{model}"], ["--session", "{session_id}"]],
  output: "jsonl",
  events: [
    { type: "command", phase: "start", when: { type: "tool_start" }, id: "toolCallId", text: "args.command" },
    {
      type: "command",
      phase: "end",
      when: { type: "tool_end" },
      id: "toolCallId",
      exit_code: "result.exitCode",
      output: "result.text",
    },
    {
      type: "usage",
      when: { type: "turn_end" },
      input_tokens: ["usage.input", "usage.cacheRead"],
      output_tokens: "usage.output",
      cost_usd: "usage.cost",
      keep: "last",
    },
  ],
  other_lines: "ignore",
  failures: [{
    match: "AuthenticationError|Check your API key",
    in: "output",
    reason: "auth_required",
    hint: "Set the key.",
  }],
  prompt_guard: "at",
  interrupt: "SIGINT",
};

const PLAN: TurnPlan = {
  executable: "/bin/mine",
  version: null,
  cwd: "/work",
  policy: "full-auto",
  model: null,
  sessionId: null,
  newSessionId: "0",
  gitDirs: [],
  nestedRepositories: [],
  untrustedRoots: [],
  tempDirs: [],
  promptFile: "/p",
  scratchDir: "/s",
  extraArgs: [],
  mcp: "none",
  isRoot: false,
};

Deno.test("own agent: start and end of an action by its id, sums, money and lines that nobody need see", () => {
  const { events, terminal } = read(PI, [
    { type: "tool_start", toolCallId: "a", args: { command: "ls" } },
    { type: "tool_start", toolCallId: "b", args: { command: "false" } },
    { type: "chatter" },
    { type: "tool_end", toolCallId: "b", result: { exitCode: 1, text: "" } },
    { type: "tool_end", toolCallId: "a", result: { exitCode: 0, text: "x" } },
    { type: "turn_end", usage: { input: 10, cacheRead: 5, output: 2, cost: 0.25 } },
    { type: "turn_end", usage: { input: 20, cacheRead: 7, output: 3, cost: 0.5 } },
    { type: "tool_start", toolCallId: "c", args: { command: "sleep 9" } },
  ]);
  const command = { type: "command" } as const;
  const usage = (input_tokens: number, output_tokens: number, cost_usd: number) => ({
    type: "usage",
    usage: {
      input_tokens,
      cached_input_tokens: null,
      output_tokens,
      total_tokens: input_tokens + output_tokens,
      cost_usd,
    },
  });
  assert.deepEqual(events, [
    { ...command, id: "a", state: "started", command: "ls" },
    { ...command, id: "b", state: "started", command: "false" },
    { ...command, id: "b", state: "failed", command: "false", exit_code: 1 },
    { ...command, id: "a", state: "completed", command: "ls", exit_code: 0, output: "x" },
    usage(15, 2, 0.25),
    usage(27, 3, 0.5),
    { ...command, id: "c", state: "started", command: "sleep 9" },
    { ...command, id: "c", state: "failed", command: "sleep 9", ended: true },
  ]);
  assert.deepEqual(terminal, { ok: true });
});

Deno.test("own agent: arguments without a value go with their group; the prompt's guard and the signal are as said", () => {
  const driver = driverOf(PI);
  assert.deepEqual(driver.command(PLAN).args, ["--mode", "json"]);
  assert.deepEqual(driver.command({ ...PLAN, model: "m", sessionId: "s" }).args, [
    "--mode",
    "json",
    "-m",
    "m",
    "--session",
    "s",
  ]);
  assert.equal(driver.gracefulSignal, "SIGINT");
  const site = { hasPath: (path: string) => path === "a.ts" };
  const guarded = driver.guardPrompt?.("see @a.ts, a@b.org", site) ?? "";
  assert.equal(guarded.split("\n")[0], "see \\@a.ts, a@b.org");
  assert.equal(driverOf({}).guardPrompt, undefined);
});

Deno.test("own agent: a line must be equal, begin so, be one of a list, or be none of it", () => {
  const when = (condition: unknown, value: unknown) =>
    read({ events: [{ type: "message", when: { kind: condition }, text: "t" }], other_lines: "ignore" }, [
      { kind: value, t: "x" },
    ]).events.length === 1;
  assert.deepEqual([when("a", "a"), when("a", "ab"), when(3, 3), when(true, true), when("true", true)], [
    true,
    false,
    true,
    true,
    true,
  ]);
  assert.deepEqual([when("tool_*", "tool_end"), when("tool_*", "tools"), when("*", "any")], [
    true,
    false,
    true,
  ]);
  assert.deepEqual([when(["a", "b*"], "bc"), when(["a", "b*"], "c")], [true, false]);
  assert.deepEqual(
    [when({ not: "a" }, "a"), when({ not: ["a", "b*"] }, "c"), when({ not: "a" }, undefined)],
    [
      false,
      true,
      true,
    ],
  );
});

Deno.test("own agent: kinds of file changes, what failed and what was not allowed", () => {
  const change = { type: "file_change", when: { type: "file" }, text: "path" };
  const kinds = (kind: unknown, ...lines: object[]) =>
    read(
      { events: [{ ...change, ...(kind === undefined ? {} : { kind }) }] },
      lines.map((line) => ({
        type: "file",
        path: "p",
        ...line,
      })),
    ).events.flatMap((event) => event.type === "file_change" ? event.changes.map(({ kind }) => kind) : []);
  assert.deepEqual(kinds(undefined, {}), ["update"]);
  assert.deepEqual(kinds("delete", {}), ["delete"]);
  assert.deepEqual(kinds("op", { op: "created" }, { op: "removed" }, { op: "modified" }, {}), [
    "add",
    "delete",
    "update",
    "update",
  ]);
  assert.deepEqual(
    kinds({ add: { isNew: "true" }, delete: { gone: "*" } }, { isNew: true }, { gone: 1 }, {}),
    [
      "add",
      "delete",
      "update",
    ],
  );
  const { events } = read({
    events: [{
      type: "tool",
      text: "tool",
      output: "said",
      failed: { ok: "false" },
      declined: { said: "denied*" },
    }],
  }, [{ tool: "a", ok: true, said: "fine" }, { tool: "b", ok: false, said: "no" }, {
    tool: "c",
    ok: false,
    said: "denied by you",
  }]);
  assert.deepEqual(events, [
    { type: "tool_call", id: "action-1", state: "completed", tool: "a", result: "fine" },
    { type: "tool_call", id: "action-2", state: "failed", tool: "b", error: "no" },
    { type: "tool_call", id: "action-3", state: "declined", tool: "c", error: "denied by you" },
  ]);
});

Deno.test("own agent: the first or the last session, usage and result", () => {
  const of = (keep: object) =>
    read({
      events: [
        { type: "session", text: "id", ...keep },
        { type: "usage", input_tokens: "n", ...keep },
        { type: "result", when: { end: "*" }, text: "end", ...keep },
      ],
    }, [{ id: "a", n: 1, end: "one" }, { id: "b", n: 2, end: "two" }]);
  const facts = ({ events, terminal }: ReturnType<typeof read>) => [
    events.flatMap((event) => event.type === "session" ? [event.session_id] : []),
    events.flatMap((event) => event.type === "usage" ? [event.usage.input_tokens] : []).at(-1),
    terminal?.ok === true ? terminal.result : null,
  ];
  assert.deepEqual(facts(of({})), [["a", "b"], 3, "two"]);
  assert.deepEqual(facts(of({ keep: "first" })), [["a"], 1, "one"]);
  assert.deepEqual(facts(of({ keep: "last" })), [["a", "b"], 2, "two"]);
});

Deno.test("own agent: words of a failure decide, though it prints text and exits with 0", () => {
  const aider = {
    output: "text",
    failures: [...PI.failures, { match: "\\b429\\b", reason: "quota_exhausted" }],
  };
  const failed = readAll(driverOf(aider), ["aider v1", "", "litellm.AuthenticationError: ... 401"]);
  assert.deepEqual(failed.terminal, {
    ok: false,
    failure: {
      reason: "auth_required",
      message: "litellm.AuthenticationError: ... 401",
      hint: "Set the key.",
      retry_at: null,
    },
  });
  assert.equal(readAll(driverOf(aider), ["All is well."]).terminal?.ok, true);
  const reader = driverOf(aider).reader({ ...FIRST_TURN, startedAt: 1_000 });
  reader.read("Working.");
  assert.deepEqual(reader.readError?.("429: try again in 5 seconds"), []);
  const { terminal } = reader.finish();
  assert.deepEqual(terminal?.ok === false ? [terminal.failure.reason, terminal.failure.retry_at] : null, [
    "quota_exhausted",
    6_000,
  ]);
  // In what is no event of a JSON agent, and in its errors; a success that it tells itself stands.
  const end = { type: "result", when: { end: "*" } };
  const error = { type: "error", when: { bad: "*" }, text: "bad" };
  const lines = { ...PI, events: [end, error, { type: "message", text: "t" }] };
  assert.equal(read(lines, [{ bad: "Check your API key" }]).terminal?.ok, false);
  assert.equal(read(lines, [{ note: "AuthenticationError" }]).terminal?.ok, false);
  assert.equal(read(lines, [{ note: "AuthenticationError" }, { end: 1 }]).terminal?.ok, true);
  assert.equal(read(lines, [{ t: "AuthenticationError" }]).terminal, null);
});

Deno.test("aider: an answer that speaks of an error is no failure, and the error itself is one", () => {
  const outcome = (line: string) => {
    const { terminal } = readAll(driverOf(withPreset("aider", {})), [
      "Aider v0.86.1",
      "",
      line,
      "Tokens: 2k",
    ]);
    return terminal?.ok === false ? terminal.failure.reason : "done";
  };
  for (
    const [line, reason] of [
      [
        "litellm.AuthenticationError: AuthenticationError: OpenAIException - Error code: 401",
        "auth_required",
      ],
      ["The API provider is not able to authenticate you. Check your API key.", "auth_required"],
      ["litellm.RateLimitError: RateLimitError: OpenAIException - quota", "quota_exhausted"],
      ["litellm.NotFoundError: AnthropicException - no such model", "agent_error"],
      ["I made login() raise AuthenticationError where it returned null.", "done"],
      ["+    except litellm.RateLimitError: # retried", "done"],
      ["The 401 page says: check your API key.", "done"],
      ["Model User not found anywhere, so I added it.", "done"],
    ] as const
  ) assert.equal(outcome(line), reason, line);
});

Deno.test("own agent: words of a failure that it gets over are none, until it fails for good", () => {
  const said = ["litellm.RateLimitError: 429", "Try again later.", "Retrying in 0.2 seconds..."];
  const aider = () => driverOf(withPreset("aider", {}));
  assert.equal(readAll(aider(), [...said, "All done."]).terminal?.ok, true);
  assert.equal(readAll(aider(), [...said, ...said.slice(0, 2)]).terminal?.ok, false);
});

Deno.test("own agent: the policies that it can keep", () => {
  assert.deepEqual(driverOf({}).policies, ["auto-edit", "full-auto"]);
  assert.deepEqual(driverOf({ policy_args: { suggest: ["--read"] } }).policies, ["suggest"]);
  const byVariable = driverOf({
    policy_args: { "full-auto": [] },
    policy_env: { suggest: { MODE: "read" } },
  });
  assert.deepEqual(byVariable.policies, ["suggest", "full-auto"]);
  assert.deepEqual(byVariable.command({ ...PLAN, policy: "suggest" }).env, { MODE: "read" });
});
