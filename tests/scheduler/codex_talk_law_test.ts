/**
 * The law of talks, for what the real Codex has said: whenever its daemon is replaced or killed, a talk has the same
 * events, once, and says the same lines, once.
 */
import assert from "node:assert/strict";
import { codexLive } from "../../src/agents/codex/live/driver.ts";
import type { JournaledInput } from "../../src/scheduler/talk/talk_input.ts";
import { recordedTalk } from "../support/recorded_codex_talk.ts";
import { type TalkEnd, type TalkScript, TalkWorld } from "../support/talk_world.ts";

const by = "somebody";

/** @param answers the inputs that answer the questions, in their order */
function script(name: string, answers: readonly { option: string; text?: string }[]): TalkScript {
  const lines = recordedTalk(name).map((line) => `${line}\n`);
  const asked = lines.flatMap((line, index) => {
    const { id, method } = JSON.parse(line);
    return id !== undefined && method !== undefined ? [{ id, afterLines: index + 1 }] : [];
  });
  const input = (input: JournaledInput, afterLines: number) => ({ afterLines, input });
  return {
    live: codexLive,
    context: {
      sessionId: null,
      sessionUsage: null,
      startedAt: 0,
      cwd: "/home/dev/repo",
      policy: "ask",
      model: "gpt-5.5",
      newSessionId: "00000000-0000-4000-8000-000000000000",
      mcp: "none",
      mcpServers: [],
      gitDirs: [],
      tempDirs: [],
      nestedRepositories: [],
      untrustedRoots: [],
      version: "0.169.0",
    },
    lines,
    inputs: [
      input({ kind: "open", payload: {} }, 0),
      input({ kind: "prompt", payload: { text: "ünïcödé 😀" } }, 0),
      input({ kind: "steer", payload: { key: "early", text: "use rg", by } }, 1),
      ...answers.map((answer, nth) => {
        const { id, afterLines } = asked[nth] ?? assert.fail("more answers than questions");
        return input({ kind: "answer", payload: { question_id: `1-${id}`, answer, by } }, afterLines);
      }),
      input({ kind: "interrupt", payload: {} }, lines.length - 1),
    ],
  };
}

const SCRIPTS = {
  "a command": script("approval-command", [{ option: "allow" }]),
  "changes of files": script("approval-filechange", [{ option: "reject", text: "elsewhere" }, {
    option: "allow",
  }]),
  "a tool": script("approval-mcp", [{ option: "allow" }]),
};

for (const [name, script] of Object.entries(SCRIPTS)) {
  const bytes = new TextEncoder().encode(script.lines.join("")).length;

  const undisturbed = (): { end: TalkEnd; writes: number } => {
    using world = new TalkWorld(script);
    const writes = world.live(bytes);
    assert.ok(writes !== null);
    return { end: world.end(), writes };
  };

  Deno.test(`codex talk about ${name}: a daemon that is replaced, wherever in the output, changes nothing`, () => {
    const { end } = undisturbed();
    assert.ok(end.events.length > 5);
    for (let at = 0; at <= bytes; at += 997) {
      using world = new TalkWorld(script);
      world.live(at);
      world.live(bytes);
      assert.deepEqual(world.end(), end, `replaced at byte ${at}`);
    }
  });

  Deno.test(`codex talk about ${name}: a daemon that dies at any write, or in its middle, changes nothing`, () => {
    const { end, writes } = undisturbed();
    for (let deathAt = 1; deathAt <= writes; deathAt++) {
      using world = new TalkWorld(script);
      assert.equal(world.live(bytes, { deathAt, share: (deathAt % 4) / 3 }), null);
      world.live(bytes);
      assert.deepEqual(world.end(), end, `died at write ${deathAt}`);
    }
  });
}
