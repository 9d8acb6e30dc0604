/**
 * The law of talks: whenever and however often its daemon is replaced or killed, a talk has the same events, once, and
 * says the same lines, once.
 */
import assert from "node:assert/strict";
import type { TalkContext } from "../../src/agents/live_driver.ts";
import { EventBody } from "../../src/domain/event/event_body.ts";
import type { JournaledInput } from "../../src/scheduler/talk/talk_input.ts";
import { talkingLive } from "../support/talking_driver.ts";
import { type TalkEnd, type TalkScript, TalkWorld } from "../support/talk_world.ts";

const CONTEXT: TalkContext = {
  sessionId: null,
  sessionUsage: null,
  startedAt: 0,
  cwd: "/tmp/project",
  policy: "ask",
  model: null,
  newSessionId: "00000000-0000-4000-8000-000000000000",
  mcp: "none",
  mcpServers: [],
  gitDirs: [],
  tempDirs: [],
  nestedRepositories: [],
  untrustedRoots: [],
  version: "1.0.0",
};

const by = "somebody";
const OPEN: JournaledInput = { kind: "open", payload: {} };
const PROMPT: JournaledInput = { kind: "prompt", payload: { text: "ünïcödé 😀" } };
const WITHHELD: JournaledInput = { ...PROMPT, kind: "withheld" };
const PAUSE: JournaledInput = { kind: "pause", payload: {} };

function answer(id: string, option: string): JournaledInput {
  return { kind: "answer", payload: { question_id: `1-${id}`, answer: { option }, by } };
}

const SCRIPT: TalkScript = {
  live: talkingLive,
  context: CONTEXT,
  lines: [
    "heard hello\n",
    "ready\n",
    "session s-1\n",
    "heard prompt-ask\n",
    "message first ü\n",
    "more and 😀\n",
    "ask a May I?\n",
    "message while it waits\n",
    "ask b And this?\n",
    "unknown words\n",
    "heard answer-a\n",
    "heard steer-k\n",
    "steered steer-k injected\n",
    "withdraw b\n",
    "message second\n",
    "more half\n",
    "done\n",
  ],
  inputs: [
    { afterLines: 0, input: OPEN },
    { afterLines: 0, input: WITHHELD },
    { afterLines: 3, input: PROMPT },
    // In the middle of a message: what is held back stands before the answer.
    { afterLines: 5, input: PAUSE },
    { afterLines: 8, input: answer("a", "yes") },
    { afterLines: 10, input: { kind: "steer", payload: { key: "k", text: "use rg", by } } },
    { afterLines: 10, input: { kind: "tick", payload: {} } },
    { afterLines: 16, input: { kind: "interrupt", payload: {} } },
  ],
};

function undisturbed(script: TalkScript): { end: TalkEnd; writes: number; bytes: number } {
  using world = new TalkWorld(script);
  const bytes = new TextEncoder().encode(script.lines.join("")).length;
  const writes = world.live(bytes);
  assert.ok(writes !== null);
  return { end: world.end(), writes, bytes };
}

Deno.test("talk: what is told and said is in order, each at its place", () => {
  const { end } = undisturbed(SCRIPT);
  assert.deepEqual(end.channel.split("\n").slice(0, -1), [
    "hello hello",
    "prompt-ask prompt ünïcödé 😀",
    "answer-a answer a yes",
    "steer-k steer use rg",
    "stop stop",
  ]);
  const told = end.events.map((event) => EventBody.parse(event)).map((event) =>
    event.type === "message" ? `message ${event.text}` : event.type
  );
  assert.deepEqual(told, [
    "session",
    "message first ü",
    "message and 😀",
    "question",
    "message while it waits",
    "answer",
    "question",
    "raw",
    "answer",
    "message secondhalf",
  ]);
});

Deno.test("talk: a daemon that is replaced once, wherever in the output, changes nothing", () => {
  const { end, bytes } = undisturbed(SCRIPT);
  for (let at = 0; at <= bytes; at += 3) {
    using world = new TalkWorld(SCRIPT);
    world.live(at);
    world.live(bytes);
    assert.deepEqual(world.end(), end, `replaced at byte ${at}`);
  }
});

Deno.test("talk: a daemon that is replaced at every byte of the output changes nothing", () => {
  const { end, bytes } = undisturbed(SCRIPT);
  using world = new TalkWorld(SCRIPT);
  for (let at = 0; at <= bytes; at++) world.live(at);
  assert.deepEqual(world.end(), end);
});

Deno.test("talk: a daemon that dies at any write, or in its middle, changes nothing", () => {
  const { end, writes, bytes } = undisturbed(SCRIPT);
  assert.ok(writes > 30);
  for (let deathAt = 1; deathAt <= writes; deathAt++) {
    for (const share of [0, 0.5, 0.99, 1]) {
      using world = new TalkWorld(SCRIPT);
      assert.equal(world.live(bytes, { deathAt, share }), null);
      world.live(bytes);
      assert.deepEqual(world.end(), end, `died at write ${deathAt}, of which ${share} was done`);
    }
  }
});

Deno.test("talk: daemons that die again and again change nothing", () => {
  const { end, bytes } = undisturbed(SCRIPT);
  for (let deathAt = 2; deathAt <= 12; deathAt++) {
    using world = new TalkWorld(SCRIPT);
    for (let nth = 0; world.live(bytes, { deathAt, share: (nth % 4) / 3 }) === null; nth++) {
      assert.ok(nth < 200, `none comes to the end that dies at its write ${deathAt}`);
    }
    assert.deepEqual(world.end(), end, `each died at its write ${deathAt}`);
  }
});

Deno.test("talk: a steer and the refusal of what it supersedes are one step, whenever a daemon dies", () => {
  const steer: JournaledInput = {
    kind: "steer",
    payload: { key: "k", text: "use rg", by, supersedes: ["1-b"] },
  };
  const inputs = SCRIPT.inputs.map((each) => each.input.kind === "steer" ? { ...each, input: steer } : each);
  const script = { ...SCRIPT, inputs };
  const { end, writes, bytes } = undisturbed(script);
  assert.deepEqual(end.channel.split("\n").slice(-4, -1), [
    "steer-k steer use rg",
    "refuse-b refuse b",
    "stop stop",
  ]);
  for (let deathAt = 1; deathAt <= writes; deathAt++) {
    for (const share of [0, 0.5, 1]) {
      using world = new TalkWorld(script);
      world.live(bytes, { deathAt, share });
      world.live(bytes);
      assert.deepEqual(world.end(), end, `died at write ${deathAt}, ${share} of it`);
    }
  }
});
