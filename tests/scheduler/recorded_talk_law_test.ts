/** The law of talks, on talks that the real agents have held: see `talk_law_test.ts`. */
import assert from "node:assert/strict";
import { acpDriver } from "../../src/agents/acp/driver.ts";
import { claudeLive } from "../../src/agents/claude/live/driver.ts";
import { codexLive } from "../../src/agents/codex/live/driver.ts";
import type { LiveDriver, TalkInput } from "../../src/agents/live_driver.ts";
import type { JournaledInput } from "../../src/scheduler/talk/talk_input.ts";
import { recordedLines, recordings } from "../support/recorded.ts";
import { ANY_AGENT, recordedTurn, TALK_CONTEXT, type TalkStep } from "../support/recorded_talk.ts";
import { type TalkEnd, type TalkScript, TalkWorld } from "../support/talk_world.ts";

/** Deaths that are tried for each talk, spread over all of its writes. */
const DEATHS = 8;

const BY = "somebody";

function journaled(input: TalkInput): JournaledInput {
  switch (input.kind) {
    case "answer":
      return {
        kind: "answer",
        payload: { question_id: `1-${input.question_id}`, answer: input.answer, by: BY },
      };
    case "refuse": {
      const { question_id, why } = input;
      return { kind: "refuse", payload: { question_id: `1-${question_id}`, why, end: "rejected", by: BY } };
    }
    case "steer":
      return { kind: "steer", payload: { key: input.key, text: input.text, by: BY } };
    case "prompt":
      return { kind: "prompt", payload: { text: input.text } };
    default:
      return { kind: input.kind, payload: {} };
  }
}

function scriptOf(live: LiveDriver, steps: readonly TalkStep[]): TalkScript {
  const lines: string[] = [];
  const inputs: { afterLines: number; input: JournaledInput }[] = [];
  for (const step of steps) {
    if ("line" in step) lines.push(`${step.line}\n`);
    else inputs.push({ afterLines: lines.length, input: journaled(step.input) });
  }
  return { live, context: { ...TALK_CONTEXT, policy: "ask" }, lines, inputs };
}

/** What Claude Code printed, and what was put into the talk in between. */
function claudeSteps(name: string): TalkStep[] {
  return recordedLines(name).map((text) =>
    text.startsWith("<< ") ? { line: text.slice(3) } : { input: JSON.parse(text.slice(3)) }
  );
}

/** Our own ids of the requests that the recordings of Codex number. */
const CODEX_KEYS: Readonly<Record<string, string>> = {
  "initialize": "initialize",
  "thread/start": "thread",
  "turn/start": "turn",
};

/** What Codex printed, with an answer to whatever it asks. */
function codexSteps(name: string): TalkStep[] {
  const own = new Map<number, string>();
  const steps: TalkStep[] = [{ input: { kind: "open" } }, { input: { kind: "prompt", text: "Go." } }];
  const asking = codexLive.talk({ ...TALK_CONTEXT, policy: "ask" });
  for (const step of steps) if ("input" in step) asking.apply(step.input);
  for (const text of recordedLines(name)) {
    const { dir, msg } = JSON.parse(text);
    if (dir === "->" && msg.method !== undefined) own.set(msg.id, CODEX_KEYS[msg.method] ?? "");
    if (dir !== "<-") continue;
    const isAnswer = msg.id !== undefined && msg.method === undefined;
    const line = JSON.stringify(isAnswer ? { ...msg, id: own.get(msg.id) } : msg);
    steps.push({ line });
    for (const { question_id, options } of asking.read(line).asks ?? []) {
      steps.push({ input: { kind: "answer", question_id, answer: { option: options[0]?.id ?? "" } } });
    }
  }
  return steps;
}

const acpLive = acpDriver({ ...ANY_AGENT, steers: true });

/** Recordings of ACP that hold a second turn. */
const TWO_TURNS = ["copilot", "gemini", "opencode", "qwen"];

/** How an agent may answer a steer. */
const STEERS = {
  "injected": { result: { outcome: "injected" } },
  "not taken as the turn ends": { result: { outcome: "promptRequired" } },
  "unknown": { error: { code: -32601, message: "Method not found" } },
} as const;

/**
 * What the adapter of Claude said, and a steer while its command runs.
 *
 * @param isLate whether its answer comes after the last word of the turn
 */
function steeredSteps(answer: object, isLate: boolean): TalkStep[] {
  const steps = recordedTurn("acp/claude-adapter.log");
  const at = steps.findIndex((step) => "line" in step && step.line.includes('"tool_call"')) + 1;
  assert.ok(at > 0);
  const line = JSON.stringify({ jsonrpc: "2.0", id: "steer k", ...answer });
  const rest = steps.slice(at);
  const steer: TalkStep = { input: { kind: "steer", key: "k", text: "use rg" } };
  return [
    ...steps.slice(0, at),
    steer,
    ...(isLate ? [...rest, { line }] : [...rest.slice(0, 2), { line }, ...rest.slice(2)]),
  ];
}

const TALKS: readonly (readonly [name: string, script: TalkScript])[] = [
  ...recordings("codex_talk").map((name) => [name, scriptOf(codexLive, codexSteps(name))] as const),
  ...recordings("claude_talk").map((name) => [name, scriptOf(claudeLive, claudeSteps(name))] as const),
  ...recordings("acp").map((name) => [name, scriptOf(acpLive, recordedTurn(name))] as const),
  ...TWO_TURNS.map((name) =>
    [`acp/${name}.log, turn 2`, scriptOf(acpLive, recordedTurn(`acp/${name}.log`, 2))] as const
  ),
];

function size(lines: readonly string[]): number {
  return new TextEncoder().encode(lines.join("")).length;
}

function undisturbed(script: TalkScript): { end: TalkEnd; writes: number } {
  using world = new TalkWorld(script);
  const writes = world.live(size(script.lines));
  assert.ok(writes !== null);
  return { end: world.end(), writes };
}

/** A daemon for each line, and one that dies in the middle of each. */
function replacedAtEachLine(script: TalkScript): TalkEnd {
  using world = new TalkWorld(script);
  let bytes = 0;
  for (const line of script.lines) {
    world.live(bytes + Math.floor(size([line]) / 2));
    bytes += size([line]);
    world.live(bytes);
  }
  world.live(bytes);
  return world.end();
}

/** What is left of a talk, which is the same however its daemons are replaced, and die at some of its writes. */
function heldToTheLaw(script: TalkScript): TalkEnd {
  const { end, writes } = undisturbed(script);
  assert.ok(end.channel !== "" && end.events.length > 0);
  assert.deepEqual(replacedAtEachLine(script), end);
  const bytes = size(script.lines);
  for (let nth = 0; nth < DEATHS; nth++) {
    using world = new TalkWorld(script);
    const deathAt = 1 + Math.floor(nth * writes / DEATHS);
    assert.equal(world.live(bytes, { deathAt, share: (nth % 3) / 2 }), null);
    world.live(bytes);
    assert.deepEqual(world.end(), end, `died at write ${deathAt}`);
  }
  return end;
}

for (const [name, script] of TALKS) {
  Deno.test(`talk: ${name} is the same, however its daemons are replaced and die`, () => {
    heldToTheLaw(script);
  });
}

for (const [how, answer] of Object.entries(STEERS)) {
  for (const isLate of [false, true]) {
    const when = isLate ? "after the last word" : "while it works";
    Deno.test(`talk: a steer over ACP, ${how}, is said once and ends once when its answer comes ${when}`, () => {
      const end = heldToTheLaw(scriptOf(acpLive, steeredSteps(answer, isLate)));
      assert.equal(end.channel.split('"_session/steering"').length, 2);
      assert.deepEqual(end.undelivered, how === "injected" ? [] : ["use rg"]);
    });
  }
}

for (
  const name of [
    "codex_talk/approval-command.jsonl",
    "claude_talk/2.1.332-asked.jsonl",
    "acp/gemini-allow.log",
  ]
) {
  const [, script] = TALKS.find((talk) => talk[0] === name)!;
  Deno.test(`talk: ${name} is the same with inputs at every place`, () => {
    const step = Math.max(1, Math.ceil(script.lines.length / 12));
    for (let at = 0; at <= script.lines.length; at += step) {
      const put = [
        journaled({ kind: "steer", key: "k", text: "use rg" }),
        { kind: "pause", payload: {} } as const,
        journaled({ kind: "tick" }),
        journaled({ kind: "interrupt" }),
      ].map((input) => ({ afterLines: at, input }));
      const isBefore = ({ afterLines }: { afterLines: number }) => afterLines <= at;
      const inputs = [
        ...script.inputs.filter(isBefore),
        ...put,
        ...script.inputs.filter((one) => !isBefore(one)),
      ];
      const disturbed = { ...script, inputs };
      const { end, writes } = undisturbed(disturbed);
      assert.deepEqual(replacedAtEachLine(disturbed), end, `inputs after line ${at}`);
      using world = new TalkWorld(disturbed);
      assert.equal(world.live(size(script.lines), { deathAt: Math.ceil(writes / 2), share: 0.5 }), null);
      world.live(size(script.lines));
      assert.deepEqual(world.end(), end, `inputs after line ${at}, and a death`);
    }
  });
}
