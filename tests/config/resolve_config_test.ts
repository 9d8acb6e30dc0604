/**
 * Tests of room `config`: which layer wins, what is refused, and how the refusal reads.
 *
 * @module
 */
import assert from "node:assert/strict";
import { leafKeys } from "../../src/config/leaf_keys.ts";
import { resolveConfig } from "../../src/config/resolve_config.ts";
import { answererOf } from "../../src/config/answerer.ts";
import { DEFAULT_CONFIG } from "../../src/config/schema.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";

const PATH = "/home/user/.agent-async/config.json";

function refusal(value: unknown, env: Record<string, string> = {}): string {
  try {
    resolveConfig({ file: { path: PATH, value }, env });
  } catch (error) {
    assert.ok(isAgentAsyncError(error, "config_invalid"), String(error));
    return error.message;
  }
  throw new Error("was accepted");
}

Deno.test("config: without any layer everything is at the contract's defaults", () => {
  assert.deepEqual(resolveConfig({ file: null, env: {} }), { config: DEFAULT_CONFIG, origins: new Map() });
  assert.deepEqual(DEFAULT_CONFIG, {
    limits: { total: 4, depth: 3, asking: 8, output_bytes: 268435456 },
    timeouts: {
      max_runtime_seconds: 7200,
      stall_seconds: null,
      exit_grace_seconds: 15,
      daemon_idle_seconds: 600,
    },
    retention: { days: 30, bytes: 2147483648 },
    budgets: { day_usd: null },
    default_approval_policy: "auto-edit",
    max_approval_policy: "full-auto",
    allowed_roots: [],
    toolsets: ["jobs"],
    on_finish: null,
    on_question: null,
    questions: { answered_by: null, timeout_seconds: null },
    default_isolation: "none",
    projects: {},
    agents: {},
  });
});

Deno.test("config: a flag beats the environment, which beats the file, which beats the default", () => {
  const { config, origins } = resolveConfig({
    file: { path: PATH, value: { limits: { total: 2, depth: 5 }, toolsets: ["codex"] } },
    env: { AGENT_ASYNC_LIMITS_TOTAL: "7", AGENT_ASYNC_TOOLSETS: "jobs, stream", HOME: "/home/user" },
    flags: { toolsets: { flag: "--toolsets", text: "all" } },
  });
  assert.deepEqual(config.limits, { total: 7, depth: 5, asking: 8, output_bytes: 268435456 });
  assert.deepEqual(config.toolsets, ["all"]);
  assert.deepEqual(Object.fromEntries(origins), {
    "limits.total": { layer: "environment", name: "AGENT_ASYNC_LIMITS_TOTAL" },
    "limits.depth": { layer: "file", name: PATH },
    toolsets: { layer: "flag", name: "--toolsets" },
  });
});

Deno.test("config: a map is one value, which came from where it stands", () => {
  const value = { agents: { codex: { env: { KEY: "1" } }, aider: { command: "aider", env: { KEY: "2" } } } };
  const { origins } = resolveConfig({
    file: { path: PATH, value },
    env: { AGENT_ASYNC_AGENTS_AIDER_ENV: '{"KEY":"3"}' },
  });
  assert.deepEqual(Object.fromEntries(origins), {
    "agents.codex.env": { layer: "file", name: PATH },
    "agents.aider.command": { layer: "file", name: PATH },
    "agents.aider.env": { layer: "environment", name: "AGENT_ASYNC_AGENTS_AIDER_ENV" },
  });
});

Deno.test("config: every leaf key has an environment variable of its own", () => {
  const variables = leafKeys(["my-agent"]).map((leaf) => leaf.variable);
  assert.equal(new Set(variables).size, variables.length);
  for (
    const name of [
      "LIMITS_TOTAL",
      "TIMEOUTS_MAX_RUNTIME_SECONDS",
      "DEFAULT_APPROVAL_POLICY",
      "TOOLSETS",
      "ON_FINISH",
      "ALLOWED_ROOTS",
      "AGENTS_CODEX_MODEL",
      "AGENTS_MY_AGENT_COMMAND",
    ]
  ) assert.ok(variables.includes(`AGENT_ASYNC_${name}`), name);
});

Deno.test("config: text of the environment becomes numbers, nothing, lists and maps", () => {
  const { config } = resolveConfig({
    file: null,
    env: {
      AGENT_ASYNC_TIMEOUTS_STALL_SECONDS: "90",
      AGENT_ASYNC_ALLOWED_ROOTS: '["/a,b", "/c"]',
      AGENT_ASYNC_ON_FINISH: '["notify-send", "done"]',
      AGENT_ASYNC_AGENTS_CODEX_ARGS: "--one,--two",
      AGENT_ASYNC_AGENTS_CODEX_ENV: '{"A": "1"}',
      AGENT_ASYNC_AGENTS_CODEX_MODEL: "null",
      AGENT_ASYNC_AGENTS_CODEX_LIVE: "false",
    },
  });
  assert.equal(config.timeouts.stall_seconds, 90);
  assert.deepEqual(config.allowed_roots, ["/a,b", "/c"]);
  assert.deepEqual(config.on_finish, ["notify-send", "done"]);
  assert.deepEqual(config.agents.codex, {
    args: ["--one", "--two"],
    env: { A: "1" },
    model: null,
    mcp: "none",
    live: false,
  });
  const odd = { AGENT_ASYNC_AGENTS_CODEX_LIVE: "perhaps" };
  assert.throws(
    () => resolveConfig({ file: null, env: odd }),
    /AGENT_ASYNC_AGENTS_CODEX_LIVE: agents\.codex\.live: must be true, false or null, not "perhaps"/,
  );
});

Deno.test("config: a text of the environment that looks like a list stays the text it is", () => {
  const { config } = resolveConfig({ file: null, env: { AGENT_ASYNC_AGENTS_CODEX_MODEL: "[1]" } });
  assert.equal(config.agents.codex?.model, "[1]");
});

Deno.test("config: lists that must not be empty are refused when they are, and long values are cut", () => {
  assert.match(refusal({ toolsets: [] }), /: toolsets: must be a list of /);
  assert.match(refusal({ on_finish: [] }), /: on_finish: must be a shell command line, a list of /);
  assert.match(refusal({ allowed_roots: "x".repeat(200) }), /must be a list of absolute paths, not "x{78}…$/);
});

Deno.test("config: an agent of the user's own needs a command and gets its defaults", () => {
  const mine = { command: "mine", args: ["--yes", "--message-file", "{prompt_file}"], output: "text" };
  const { config } = resolveConfig({ file: { path: PATH, value: { agents: { mine } } }, env: {} });
  assert.deepEqual(config.agents["mine"], {
    ...mine,
    model: null,
    env: {},
    events: [],
    version_args: ["--version"],
    other_lines: "raw",
    failures: [],
    prompt_guard: "none",
    interrupt: "SIGTERM",
    steering: false,
    live: null,
  });
  assert.equal(
    refusal({ agents: { aider: { args: [] } } }),
    `${PATH}: agents.aider.command: is missing; it must be a text that is not empty`,
  );
});

Deno.test("config: an agent that the program knows need only be named; one that describes itself is as it says", () => {
  const own = { command: "aider", args: ["--message-file", "{prompt_file}"], output: "text" };
  const agents = { qwen: {}, opencode: { model: "a/b", command: "/opt/opencode" }, pi: {}, aider: own };
  const { config } = resolveConfig({ file: { path: PATH, value: { agents } }, env: {} });
  const { qwen, opencode, aider } = config.agents;
  assert.deepEqual([qwen?.command, qwen?.model], ["qwen", null]);
  assert.deepEqual([opencode?.command, opencode?.model], ["/opt/opencode", "a/b"]);
  assert.ok(aider !== undefined && "failures" in aider);
  assert.deepEqual([aider.args, aider.policy_args], [own.args, undefined]);
  assert.notDeepEqual(aider.failures, []);
});

Deno.test("config: what is wrong with an agent of the user's own is told in plain words", () => {
  const faults: [unknown, string][] = [
    [{ args: "--yes" }, "args: must be an array, not a string"],
    [{ args: [1] }, "args.0: must be a text or a list of texts, not 1"],
    [{ output: "xml" }, 'output: must be one of text, jsonl, acp, not "xml"'],
    [
      { output: "jsonl", events: [{ type: "x", text: "y" }] },
      "events.0.type: must be one of session, message,",
    ],
    [
      { output: "jsonl", events: [{ type: "command", phase: "end" }] },
      "events.0.id: is missing; it must name the member that joins start and end",
    ],
    [
      { failures: [{ match: "(", reason: "auth_required" }] },
      "failures.0.match: must be a regular expression",
    ],
    [{ env: { KEY: 1 } }, "env.KEY: must be a string, not a number"],
  ];
  for (const [aider, fault] of faults) {
    const said = refusal({ agents: { aider: { command: "aider", ...Object(aider) } } });
    assert.ok(said.startsWith(`${PATH}: agents.aider.${fault}`), said);
  }
});

Deno.test("config: an unknown key is refused with its path, the nearest right one and what is allowed", () => {
  assert.equal(
    refusal({ limits: { totl: 3 } }),
    `${PATH}: limits.totl: no such key (did you mean total?); allowed here: total, depth, asking, output_bytes`,
  );
  assert.match(
    refusal({ agents: { codex: { prompt: "stdin" } } }),
    /agents\.codex\.prompt: no such key.*command/,
  );
  assert.match(
    refusal({ agents: { "Bad Name": { command: "x" } } }),
    /agents\.Bad Name: an agent's name is 1 to 32/,
  );
  assert.match(
    refusal({ agents: { codex_async: { command: "x" } } }),
    /agents\.codex_async: must have another name, since codex_async_start is a tool of another kind/,
  );
  // The members of projects and of their checks are free names.
  assert.equal(
    refusal({ projects: { "/a": { setpu: "x" } } }),
    `${PATH}: projects./a.setpu: no such key (did you mean setup?); allowed here: setup, isolation, checks`,
  );
  assert.equal(
    refusal({ projects: { "/a": { checks: { t: { command: "x", sandbx: "codex" } } } } }),
    `${PATH}: projects./a.checks.t.sandbx: no such key (did you mean sandbox?); ` +
      "allowed here: command, sandbox",
  );
  assert.equal(refusal({ projects: { a: {} } }), `${PATH}: projects.a: must be an absolute path`);
  assert.equal(
    refusal({ projects: { "/a": { checks: { " ": "x" } } } }),
    `${PATH}: projects./a.checks. : must have a name that is not blank`,
  );
});

Deno.test("config: a bad value is refused with its place, itself and what is allowed, all faults at once", () => {
  assert.equal(
    refusal({ limits: { total: 0 }, default_approval_policy: "yolo" }, {
      AGENT_ASYNC_RETENTION_DAYS: "soon",
    }),
    [
      `${PATH}: limits.total: must be a whole number of jobs from 1 to 1000, not 0`,
      `AGENT_ASYNC_RETENTION_DAYS: retention.days: must be a whole number of days from 1 to 36500, not "soon"`,
      `${PATH}: default_approval_policy: must be one of suggest, auto-edit, ask, full-auto, not "yolo"`,
    ].join("; "),
  );
  assert.match(refusal({ toolsets: ["jobs", "x"] }), /toolsets\.1: must be a list of jobs, codex, .*not "x"/);
  assert.match(refusal({ allowed_roots: ["src"] }), /allowed_roots\.0: must be an absolute path, not "src"/);
  assert.match(refusal({ on_finish: 3 }), /on_finish: must be a shell command line, a list .*not 3/);
  assert.match(refusal([]), /config\.json: must be an object/);
  assert.match(
    refusal({ limits: 4 }, { AGENT_ASYNC_LIMITS_TOTAL: "2" }),
    /limits: must be an object, not a number$/,
  );
});

Deno.test("config: a value that may hold a key is never repeated", () => {
  const message = refusal({ agents: { codex: { env: { OPENAI_API_KEY: ["sk-secret"] } } } });
  assert.doesNotMatch(message, /secret/);
  assert.match(message, /agents\.codex\.env\.OPENAI_API_KEY: must be a text/);
});

Deno.test("config: a variable that is empty, or holds the reference in place of its value, is not set", () => {
  const env = {
    AGENT_ASYNC_LIMITS_TOTAL: "",
    AGENT_ASYNC_TOOLSETS: "${AGENT_ASYNC_TOOLSETS}",
    AGENT_ASYNC_ALLOWED_ROOTS: "  ",
    AGENT_ASYNC_MAX_APPROVAL_POLICY: "${POLICY:-}",
    AGENT_ASYNC_AGENTS_CODEX_MODEL: "",
  };
  const { config, origins } = resolveConfig({ file: { path: PATH, value: { limits: { total: 2 } } }, env });
  assert.deepEqual(config, { ...DEFAULT_CONFIG, limits: { ...DEFAULT_CONFIG.limits, total: 2 } });
  assert.deepEqual([...origins.values()], [{ layer: "file", name: PATH }]);
});

Deno.test({
  name: "config: directories in a variable are separated as in PATH, or JSON",
  ignore: Deno.build.os === "windows",
  fn: () => {
    const roots = (text: string) =>
      resolveConfig({ file: null, env: { AGENT_ASYNC_ALLOWED_ROOTS: text } }).config.allowed_roots;
    assert.deepEqual(roots("/a:/b"), ["/a", "/b"]);
    assert.deepEqual(roots("/a,/b : /with, comma"), ["/a", "/b", "/with, comma"]);
    assert.deepEqual(roots('["/a:b", "/c"]'), ["/a:b", "/c"]);
    assert.match(
      refusal({}, { AGENT_ASYNC_ALLOWED_ROOTS: "/a:b" }),
      /AGENT_ASYNC_ALLOWED_ROOTS: .*absolute path/,
    );
  },
});

Deno.test("config: who may answer questions follows the most that any start may ask for, unless said", () => {
  const answerer = (value: unknown) =>
    answererOf(resolveConfig({ file: { path: PATH, value }, env: {} }).config);
  assert.equal(answerer({}), "anyone");
  assert.equal(answerer({ max_approval_policy: "ask" }), "person");
  assert.equal(
    answerer({ max_approval_policy: "auto-edit", questions: { answered_by: "anyone" } }),
    "anyone",
  );
  assert.equal(answerer({ questions: { answered_by: "person" } }), "person");
  assert.match(
    refusal({ questions: { answered_by: "model" } }),
    /questions\.answered_by: must be anyone, person or null, not "model"/,
  );
});

Deno.test("config: a day's budget is a number of dollars above 0, or null", () => {
  const dayOf = (day_usd: unknown) =>
    resolveConfig({ file: { path: "c", value: { budgets: { day_usd } } }, env: {} }).config.budgets.day_usd;
  assert.deepEqual([dayOf(2.5), dayOf(null)], [2.5, null]);
  for (const bad of [0, -1, "2", true]) {
    assert.throws(() => dayOf(bad), /budgets\.day_usd.*must be a number of US dollars above 0, or null/);
  }
  const env = { AGENT_ASYNC_BUDGETS_DAY_USD: "3" };
  assert.equal(resolveConfig({ file: null, env }).config.budgets.day_usd, 3);
});
