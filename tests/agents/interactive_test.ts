/**
 * Tests of room `agents`: with which arguments a person goes on with a job's session at a terminal.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BUILT_IN_DRIVERS } from "../../src/agents/builtin.ts";
import { customDriver } from "../../src/agents/custom/driver.ts";
import type { InteractivePlan } from "../../src/agents/driver.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import { AGENT_PRESETS } from "../../src/domain/agent/presets/agent_presets.ts";

const PLAN: InteractivePlan = {
  executable: "/bin/agent",
  version: null,
  cwd: "/repo",
  policy: "auto-edit",
  model: null,
  sessionId: "s1",
};

function argsOf(name: string, plan: Partial<InteractivePlan> = {}): readonly string[] | undefined {
  const builtIn = BUILT_IN_DRIVERS.find((driver) => driver.name === name);
  const driver = builtIn ?? customDriver(name, CustomAgentConfig.parse(AGENT_PRESETS[name]));
  return driver.interactive?.({ ...PLAN, ...plan }).args;
}

Deno.test("interactive: every agent with a program that goes on with a session, and no other", () => {
  const names = [...BUILT_IN_DRIVERS.map(({ name }) => name), ...Object.keys(AGENT_PRESETS)];
  assert.deepEqual(names.filter((name) => argsOf(name) !== undefined).sort(), [
    "claude",
    "codex",
    "copilot",
    "cursor",
    "kilo",
    "opencode",
    "pi",
    "qwen",
  ]);
});

Deno.test("interactive: Claude Code asks the person, whatever the job's policy", () => {
  assert.deepEqual(argsOf("claude"), ["--resume", "s1", "--permission-mode", "acceptEdits"]);
  assert.deepEqual(argsOf("claude", { policy: "suggest", model: "opus" }), [
    "--resume",
    "s1",
    "--model",
    "opus",
    "--permission-mode",
    "default",
  ]);
  assert.equal(argsOf("claude", { policy: "full-auto" })?.includes("bypassPermissions"), false);
});

Deno.test("interactive: a preset's session, and its model where one was asked for", () => {
  assert.deepEqual(argsOf("opencode"), ["--session", "s1"]);
  assert.deepEqual(argsOf("qwen", { model: "m" }), ["--model", "m", "--resume", "s1"]);
  assert.deepEqual(argsOf("copilot"), ["--resume=s1"]);
  assert.deepEqual(argsOf("cursor"), ["--workspace", "/repo", "--resume", "s1"]);
});

Deno.test("interactive: an agent of one's own has it where its entry says how, with the session in it", () => {
  const entry = { command: "mine", interactive_args: ["resume", "{session_id}", "--dir={cwd}"] };
  const driver = customDriver("mine", CustomAgentConfig.parse(entry));
  assert.deepEqual(driver.interactive?.(PLAN), { args: ["resume", "s1", "--dir=/repo"], env: {} });
  assert.equal(customDriver("mine", CustomAgentConfig.parse({ command: "mine" })).interactive, undefined);
  const faulty = CustomAgentConfig.safeParse({ ...entry, interactive_args: ["resume"] });
  assert.deepEqual(faulty.error?.issues.map(({ path, message }) => [path, message]), [
    [["interactive_args"], "must hold {session_id}"],
  ]);
});
