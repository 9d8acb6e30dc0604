/**
 * The settings by which a front-end lists its tools, as it reads them without the schema: never other than what the
 * schema makes of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { answererOf } from "../../src/config/answerer.ts";
import { ConfigSource } from "../../src/config/config_source.ts";
import { quickSettings } from "../../src/config/quick/quick_settings.ts";

interface Case {
  name: string;
  file?: string;
  env?: Record<string, string>;
  /** Whether it can be told without the schema. */
  quick: boolean;
}

const CASES: readonly Case[] = [
  { name: "nothing", quick: true },
  {
    name: "a file of other settings",
    file: '{ "limits": { "total": 2 }, "toolsets": ["all"] }',
    quick: true,
  },
  { name: "a file that cannot be used", file: '{ "limit": 2 }', quick: true },
  {
    name: "other variables",
    env: { AGENT_ASYNC_HOME: "/x", AGENT_ASYNC_TOOLSETS: "jobs", AGENT_ASYNC_LIMITS_TOTAL: "2" },
    quick: true,
  },
  { name: "agents", file: '{ "agents": { "codex": { "command": "/bin/codex" } } }', quick: false },
  { name: "an answerer", file: '{ "questions": { "answered_by": "person" } }', quick: false },
  { name: "a limit of policies", file: '{ "max_approval_policy": "auto-edit" }', quick: false },
  {
    name: "an agent in the environment",
    env: { AGENT_ASYNC_AGENTS_CODEX_COMMAND: "/bin/codex" },
    quick: false,
  },
  {
    name: "an answerer in the environment",
    env: { AGENT_ASYNC_QUESTIONS_ANSWERED_BY: "person" },
    quick: false,
  },
  { name: "a policy in the environment", env: { AGENT_ASYNC_MAX_APPROVAL_POLICY: "suggest" }, quick: false },
  { name: "comments", file: '// mine\n{ "agents": {} }', quick: false },
  { name: "something else than an object", file: "[]", quick: false },
];

for (const { name, file, env = {}, quick } of CASES) {
  Deno.test(`quickSettings: ${name}: ${quick ? "as the schema says" : "left to the schema"}`, () => {
    const directory = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
    const path = `${directory}/config.json`;
    try {
      if (file !== undefined) Deno.writeTextFileSync(path, file);
      const settings = quickSettings({ path, env });
      if (!quick) return assert.equal(settings, null);
      const config = new ConfigSource({ path, env }).current();
      assert.deepEqual(settings, { agents: config.agents, answerer: answererOf(config) });
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
}

Deno.test("quickSettings: a file that cannot be read is left to the schema", () => {
  const directory = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
  try {
    assert.equal(quickSettings({ path: directory, env: {} }), null);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
