/** What is known of one agent is said in room `agents`: no other file's code tells agents apart by their names. */
import assert from "node:assert/strict";
import { BUILT_IN_DRIVERS, builtInDriver } from "../../src/agents/builtin.ts";
import { BUILT_IN_PROFILES } from "../../src/agents/profiles/builtin_profiles.ts";
import { DEFAULT_AGENT } from "../../src/agents/default_agent.ts";
import { AgentsConfig, BUILT_IN_AGENTS } from "../../src/config/agent_settings.ts";
import { sourceFiles, withoutComments } from "../support/doors.ts";

const TOP = new URL("../../", import.meta.url);

/** Files and folders that may, each for what it is about. */
const MAY_NAME_AGENTS: Readonly<Record<string, string>> = {
  "src/agents/": "the drivers",
  "src/cli/hosts/": "the hosts, of which some are the same programs",
  "src/config/agent_settings.ts": "no door leads to the drivers; compared with them below",
  "src/config/quick/quick_toolsets.ts": "a toolset has the name of an earlier server",
  "src/domain/agent/presets/": "agents that a configuration only names; no door leads from it to the drivers",
  "src/mcp/feed/end_notices.ts": "the one host that shows notices to its model",
  "src/mcp/host_tool_names.ts": "how each host calls a server's tools",
  "src/mcp/tool_words.ts": "tools of the earlier servers",
  "src/mcp/tools/earlier/": "tools of the earlier servers",
  "src/mcp/tools/toolset_names.ts": "a toolset has the name of an earlier server",
  "src/mcp/tools/toolsets.ts": "a toolset has the name of an earlier server",
};

const TEXT = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/g;

/** Tools of the earlier servers (`codex_async_wait`) and a host's own protocol (`claude/channel`) are no agents. */
const NAMES = [
  /(?<![a-z])(?:claude|codex|gemini|opencode|qwen|copilot|aider)(?![a-z_/])/,
  /(?:Claude|Codex|Gemini|Opencode|Qwen|Copilot|Aider|Cursor(?=Agent|Rules|Driver|Home|Cli))(?![a-z])/,
  /\b(?:CLAUDE|CODEX|GEMINI)(?:_|\b)|\bCURSOR_(?:AGENT|API|TRACE|SESSION|CONVERSATION)/,
  // A cursor is also a place in a feed.
  /(?:===?|!==?|case)\s*"cursor"|\.cursor(?:rules|\/)|cursor_rules|cursor-agent|"cursor"\s*[:\]]/,
];

/** Each name in the code of a file, with its line. */
function named(path: string, text: string): string[] {
  // A text with a blank in it is a sentence for people, which may give a program as an example.
  const code = withoutComments(text)
    .replace(TEXT, (words) => words.includes(" ") ? words.replace(/[^\n]/g, " ") : words);
  return code.split("\n").flatMap((line, index) => {
    const name = NAMES.map((pattern) => pattern.exec(line)?.[0]).find((match) => match !== undefined);
    return name === undefined ? [] : [`${path}:${index + 1}: ${name}`];
  });
}

Deno.test("agents: no file outside of their room names one in its code", () => {
  const may = Object.keys(MAY_NAME_AGENTS);
  const others = sourceFiles(TOP).filter(({ path }) => !may.some((place) => path.startsWith(place)));
  assert.deepEqual(others.flatMap(({ path, text }) => named(path, text)), []);
});

Deno.test("agents: each way of naming one is seen, and what only looks like it is not", () => {
  const ways = [
    'if (name === "codex") return;',
    'if (agent === "cursor") return;',
    'const KEYS = { claude: "x" };',
    "const KEY = /^CLAUDE_PID$/;",
    'const key = "CODEX_API_KEY";',
    "checkCodexSandbox();",
    "readCursorRules(cwd);",
    'const path = ".cursor/rules";',
    'import { geminiDriver } from "./driver.ts";',
  ];
  for (const way of ways) assert.equal(named("x.ts", way).length, 1, way);
  const others = [
    "// codex does it",
    'const text = "for example Codex";',
    'const name = "codex_async_wait";',
    'type Rest = Omit<JobFindings, "cursor">;',
    "let { cursor } = page; const HIDE_CURSOR = 1;",
  ];
  for (const other of others) assert.deepEqual(named("x.ts", other), [], other);
});

Deno.test("agents: every place that may name them is there and does", () => {
  const files = sourceFiles(TOP);
  for (const place of Object.keys(MAY_NAME_AGENTS)) {
    const names = files.filter(({ path }) => path.startsWith(place)).flatMap(({ path, text }) =>
      named(path, text)
    );
    assert.ok(names.length > 0, place);
  }
});

Deno.test("agents: each of the one list has its driver, in its order", () => {
  for (const [index, profile] of BUILT_IN_PROFILES.entries()) {
    const driver = BUILT_IN_DRIVERS[index];
    assert.deepEqual({ ...driver, ...profile }, driver);
  }
  assert.equal(BUILT_IN_DRIVERS.length, BUILT_IN_PROFILES.length);
});

Deno.test("agents: the configuration knows the built-in ones of the one list, in its order", () => {
  const names = BUILT_IN_PROFILES.map(({ name }) => name);
  assert.deepEqual([...BUILT_IN_AGENTS], names);
  // An agent that the configuration does not know needs a command.
  for (const name of names) assert.ok(AgentsConfig.safeParse({ [name]: {} }).success, name);
  assert.ok(!AgentsConfig.safeParse({ another: {} }).success);
});

Deno.test("agents: the default one is built in, and every one has its title, its words and its hints", () => {
  assert.equal(builtInDriver(DEFAULT_AGENT), BUILT_IN_DRIVERS[0]);
  assert.equal(builtInDriver("toString"), undefined);
  for (const { name, title, hints, lets, sessionVariables } of BUILT_IN_DRIVERS) {
    assert.ok(title.length > 0 && hints.install.length > 0 && lets?.["auto-edit"] !== undefined, name);
    assert.ok(sessionVariables !== undefined && sessionVariables.length > 0, name);
  }
});
