/**
 * The toolsets as a front-end reads them before it greets its host: never other than what the schema makes of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { loadConfig } from "../../src/config/load_config.ts";
import { quickToolsets } from "../../src/config/quick/quick_toolsets.ts";

interface Case {
  name: string;
  file?: string;
  env?: Record<string, string>;
  flag?: string;
  /** Whether it can be told without the schema. */
  quick: boolean;
}

const CASES: readonly Case[] = [
  { name: "nothing", quick: true },
  { name: "a file without them", file: '{ "limits": { "total": 2 } }', quick: true },
  { name: "a file", file: '{ "toolsets": ["jobs", "codex"] }', quick: true },
  {
    name: "the environment over a file",
    file: '{ "toolsets": ["all"] }',
    env: { AGENT_ASYNC_TOOLSETS: "jobs, stream" },
    quick: true,
  },
  {
    name: "a flag over both",
    file: '{ "toolsets": ["all"] }',
    env: { AGENT_ASYNC_TOOLSETS: "jobs" },
    flag: "agents",
    quick: true,
  },
  { name: "comments", file: '// mine\n{ "toolsets": ["codex"], }', quick: false },
  { name: "a list in the environment", env: { AGENT_ASYNC_TOOLSETS: '["codex"]' }, quick: false },
  { name: "an unknown name", file: '{ "toolsets": ["job"] }', quick: false },
  { name: "an unknown name in the environment", env: { AGENT_ASYNC_TOOLSETS: "job" }, quick: false },
  { name: "an empty list", file: '{ "toolsets": [] }', quick: false },
  { name: "an empty variable", env: { AGENT_ASYNC_TOOLSETS: "" }, quick: true },
  { name: "a reference in place of a value", env: { AGENT_ASYNC_TOOLSETS: "${TOOLSETS}" }, quick: true },
  { name: "something else than a list", file: '{ "toolsets": "jobs" }', quick: false },
  { name: "something else than an object", file: "[]", quick: false },
];

for (const { name, file, env = {}, flag, quick } of CASES) {
  Deno.test(`quickToolsets: ${name}: ${quick ? "as the schema says" : "left to the schema"}`, async () => {
    const directory = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
    const path = `${directory}/config.json`;
    try {
      if (file !== undefined) Deno.writeTextFileSync(path, file);
      const toolsets = quickToolsets({ path, env, ...(flag === undefined ? {} : { flag }) });
      if (!quick) return assert.equal(toolsets, null);
      const flags = flag === undefined ? {} : { toolsets: { flag: "--toolsets", text: flag } };
      assert.deepEqual(toolsets, (await loadConfig({ path, env, flags })).config.toolsets);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
}
