/**
 * Tests of room `agents`: which forms of an answer Claude Code is given, and how it gives them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import { claudeLive } from "../../src/agents/claude/live/driver.ts";
import { isTakenSchema } from "../../src/agents/claude/result_schema.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import { readAll, recordedLines } from "../support/recorded.ts";

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };

Deno.test("claude schema: one of an object with words that its validator knows is taken", () => {
  const taken = [
    NAME,
    { ...NAME, $schema: "https://json-schema.org/draft/2020-12/schema" },
    { type: "object", additionalProperties: { type: ["number", "null"] }, minProperties: 1 },
    {
      type: "object",
      $defs: { n: { enum: ["a", 1] } },
      properties: { all: { type: "array", items: { anyOf: [{ $ref: "#/$defs/n" }, true] } } },
    },
  ];
  const notTaken = [
    { type: "array", items: { type: "string" } },
    { anyOf: [NAME] },
    { ...NAME, "x-order": 1 },
    { type: "object", properties: { at: { type: "string", format: "date-time" } } },
    { type: "object", properties: { at: { type: "nonsense" } } },
    { type: "object", properties: { at: { $ref: "https://example.com/a" } } },
    { type: "object", properties: { at: 3 } },
    {},
  ];
  assert.deepEqual(taken.map(isTakenSchema), taken.map(() => true));
  assert.deepEqual(notTaken.map(isTakenSchema), notTaken.map(() => false));
});

Deno.test("claude schema: it goes into the command without the name of its draft, one-way and two-way", () => {
  const plan: TurnPlan = {
    executable: "/bin/claude",
    version: null,
    cwd: "/repo",
    policy: "suggest",
    model: null,
    sessionId: null,
    newSessionId: "5f0c5b4e-0000-4000-8000-000000000000",
    gitDirs: [],
    nestedRepositories: [],
    untrustedRoots: [],
    tempDirs: [],
    promptFile: "/state/prompt.md",
    scratchDir: "/state/scratch",
    extraArgs: [],
    mcp: "none",
    isRoot: false,
    resultSchema: { $schema: "https://json-schema.org/draft/2020-12/schema", ...NAME },
  };
  for (const { args } of [claudeDriver.command(plan), claudeLive.command(plan)]) {
    assert.equal(args[args.indexOf("--json-schema") + 1], JSON.stringify(NAME));
  }
  const { args } = claudeDriver.command({ ...plan, resultSchema: { type: "array" } });
  assert.equal(args.includes("--json-schema"), false);
});

Deno.test("claude schema: the recorded answer in its form is the result", () => {
  const { terminal } = readAll(claudeDriver, recordedLines("claude/json-schema.jsonl"));
  assert.deepEqual(terminal, { ok: true, result: '{"name":"bob"}' });
});
