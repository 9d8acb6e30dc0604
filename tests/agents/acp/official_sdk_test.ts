/** Every line that is said over ACP, to an agent made with the official SDK, which holds it against its schemas. */
import assert from "node:assert/strict";
import {
  agent,
  type AgentApp,
  type AnyMessage,
  methods,
  PROTOCOL_VERSION,
  RequestError,
} from "@agentclientprotocol/sdk";
import type { AcpAgent } from "../../../src/agents/acp/agent.ts";
import { acpDriver } from "../../../src/agents/acp/driver.ts";
import type { TalkContext, TalkInput } from "../../../src/agents/live_driver.ts";
import type { Reading } from "../../../src/agents/turn_reader.ts";
import { FIRST_TURN } from "../../support/recorded.ts";
import { eventually } from "../../support/eventually.ts";

const AGENT: AcpAgent = {
  title: "Scripted",
  policies: ["suggest", "auto-edit", "ask", "full-auto"],
  settings: (policy) => policy === "ask" ? "careful" : { mode: "bold", confirm: "false", depth: "deep" },
  command: () => ({ args: [], env: {}, stdin: "channel" }),
  takesModel: false,
  authMethod: "key",
  loginHint: "Log in to Scripted.",
  failures: [],
  steers: true,
};

const CONTEXT: TalkContext = {
  ...FIRST_TURN,
  cwd: "/work",
  policy: "ask",
  model: "large",
  newSessionId: crypto.randomUUID(),
  mcp: "none",
  mcpServers: [],
  gitDirs: [],
  tempDirs: [],
  nestedRepositories: [],
  untrustedRoots: [],
  version: null,
};

/** A talk with an agent of the SDK, in this process. */
class SdkTalk {
  readonly readings: Reading[] = [];
  readonly talk;
  readonly #toAgent: ReadableStreamDefaultController<AnyMessage>;
  readonly lines: string[] = [];

  constructor(app: AgentApp, context: Partial<TalkContext> = {}) {
    this.talk = acpDriver(AGENT).talk({ ...CONTEXT, ...context });
    let controller: ReadableStreamDefaultController<AnyMessage> | undefined;
    const readable = new ReadableStream<AnyMessage>({ start: (given) => void (controller = given) });
    assert.ok(controller !== undefined);
    this.#toAgent = controller;
    app.connect({
      readable,
      writable: new WritableStream<AnyMessage>({
        write: (message) => {
          const line = JSON.stringify(message);
          this.lines.push(line);
          this.#take(this.talk.read(line));
        },
      }),
    });
  }

  apply(input: TalkInput): void {
    this.#take(this.talk.apply(input));
  }

  begin(prompt: string): void {
    this.apply({ kind: "open" });
    this.apply({ kind: "prompt", text: prompt });
  }

  get terminal() {
    return this.readings.findLast(({ terminal }) => terminal !== undefined)?.terminal ?? null;
  }

  get asked() {
    return this.readings.flatMap(({ asks = [] }) => asks);
  }

  get unheard(): string[] {
    const heard = new Set(this.readings.flatMap((reading) => reading.heard ?? []));
    return this.readings.flatMap(({ says = [] }) => says).flatMap(({ key, isAcknowledged }) =>
      isAcknowledged && !heard.has(key) ? [key] : []
    );
  }

  async over(): Promise<void> {
    await eventually(() => this.talk.isOver, {
      what: `the end, after ${this.lines.at(-1)}`,
      timeoutMs: 20_000,
    });
  }

  #take(reading: Reading): void {
    this.readings.push(reading);
    for (const { line } of reading.says ?? []) this.#toAgent.enqueue(JSON.parse(line));
  }
}

const SESSION = {
  modes: {
    currentModeId: "careful",
    availableModes: [{ id: "careful", name: "Careful" }, { id: "bold", name: "Bold" }],
  },
  configOptions: [
    {
      id: "model",
      name: "Model",
      category: "model",
      type: "select" as const,
      currentValue: "small",
      options: [{ value: "maker/large", name: "Large" }, { value: "small", name: "Small" }],
    },
    { id: "confirm", name: "Confirm", type: "boolean" as const, currentValue: true },
    {
      id: "depth",
      name: "Depth",
      type: "select" as const,
      currentValue: "flat",
      options: [{
        group: "all",
        name: "All",
        options: [{ value: "flat", name: "Flat" }, { value: "deep", name: "Deep" }],
      }],
    },
  ],
};

/** What the agent was asked, method by method; the SDK has checked the parameters before. */
function scripted(calls: [string, unknown][]): AgentApp {
  const note = (method: string, params: unknown) => void calls.push([method, params]);
  return agent({ name: "scripted" })
    .onRequest(methods.agent.initialize, ({ params }) => {
      note("initialize", params);
      return {
        protocolVersion: PROTOCOL_VERSION,
        agentCapabilities: { loadSession: true },
        authMethods: [{ id: "key", name: "By key" }],
        _meta: { steering: { supported: true } },
      };
    })
    .onRequest(methods.agent.authenticate, ({ params }) => {
      note("authenticate", params);
      return {};
    })
    .onRequest(methods.agent.session.new, ({ params }) => {
      note("session/new", params);
      if (!calls.some(([method]) => method === "authenticate")) throw RequestError.authRequired();
      return { sessionId: "s1", ...SESSION };
    })
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
      note("session/load", params);
      const content = { type: "text" as const, text: "said long ago" };
      const update = { sessionUpdate: "agent_message_chunk" as const, content };
      await client.notify(methods.client.session.update, { sessionId: params.sessionId, update });
      return SESSION;
    })
    .onRequest(methods.agent.session.setMode, ({ params }) => {
      note("session/set_mode", params);
      return {};
    })
    .onRequest(methods.agent.session.setConfigOption, ({ params }) => {
      note("session/set_config_option", params);
      return { configOptions: SESSION.configOptions };
    });
}

Deno.test("ACP lines: login, settings, permission, input in words and unknown requests are valid by the SDK", async () => {
  const calls: [string, unknown][] = [];
  const answers: unknown[] = [];
  const app = scripted(calls).onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    calls.push(["session/prompt", params]);
    const { sessionId } = params;
    const toolCall = { toolCallId: "t1", title: "ls", kind: "execute" as const, rawInput: { command: "ls" } };
    answers.push(
      await client.request(methods.client.session.requestPermission, {
        sessionId,
        toolCall,
        options: [
          { optionId: "ever", name: "Always", kind: "allow_always" },
          { optionId: "once", name: "Once", kind: "allow_once" },
          { optionId: "no", name: "No", kind: "reject_once" },
        ],
      }),
    );
    const requestedSchema = {
      type: "object" as const,
      properties: { size: { type: "string" as const, enum: ["S", "L"] } },
      required: ["size"],
    };
    answers.push(
      await client.request(methods.client.elicitation.create, {
        sessionId,
        mode: "form",
        message: "Which size?",
        requestedSchema,
      }),
    );
    for (
      const [method, given] of [["fs/read_text_file", { sessionId, path: "/x" }], ["_own/thing", {}]] as const
    ) {
      answers.push(await client.request(method, given).catch((error) => error.code));
    }
    return { stopReason: "end_turn" };
  });
  const talk = new SdkTalk(app);
  talk.begin("Do it.");
  await eventually(() => talk.asked.length === 1, { what: "the permission" });
  assert.deepEqual(talk.asked[0], {
    question_id: "0",
    kind: "approval",
    title: "Run: ls",
    detail: "ls",
    options: [{ id: "allow", label: "Once", kind: "allow" }, { id: "reject", label: "No", kind: "reject" }],
  });
  talk.apply({ kind: "answer", question_id: "0", answer: { option: "allow" } });
  await eventually(() => talk.asked.length === 2, { what: "the input" });
  assert.equal(talk.asked[1]?.title, "Scripted asks: Which size?");
  talk.apply({ kind: "answer", question_id: "1", answer: { option: "2" } });
  await talk.over();
  assert.deepEqual(talk.terminal, { ok: true });
  assert.deepEqual(talk.unheard, []);
  assert.deepEqual(answers, [
    { outcome: { outcome: "selected", optionId: "once" } },
    { action: "accept", content: { size: "L" } },
    -32601,
    -32601,
  ]);
  assert.deepEqual(calls.map(([method]) => method), [
    "initialize",
    "session/new",
    "authenticate",
    "session/new",
    "session/set_config_option",
    "session/set_mode",
    "session/prompt",
  ]);
  assert.deepEqual(calls[4]?.[1], { sessionId: "s1", configId: "model", value: "maker/large" });
});

Deno.test("ACP lines: a loaded session, options, a steer and an interrupt are valid by the SDK", async () => {
  const calls: [string, unknown][] = [];
  const cancelled = Promise.withResolvers<void>();
  const any = { parse: (params: unknown) => params };
  const app = scripted(calls)
    .onRequest("_session/steering", any, ({ params }) => {
      calls.push(["_session/steering", params]);
      return { outcome: "injected" };
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => {
      calls.push(["session/cancel", params]);
      cancelled.resolve();
    })
    .onRequest(methods.agent.session.prompt, async () => {
      await cancelled.promise;
      return { stopReason: "cancelled" };
    });
  const talk = new SdkTalk(app, { sessionId: "s9", policy: "full-auto", model: null });
  talk.begin("Go on.");
  await eventually(() => talk.lines.length >= 6, { what: "the settings" });
  talk.apply({ kind: "steer", key: "k", text: "And that." });
  await eventually(() => talk.readings.some(({ steered }) => steered !== undefined), {
    what: "the steer's answer",
  });
  talk.apply({ kind: "interrupt" });
  talk.apply({ kind: "interrupt" });
  await talk.over();
  assert.deepEqual(talk.readings.flatMap(({ steered = [] }) => steered), [{ key: "k", how: "injected" }]);
  assert.equal(talk.terminal?.ok, false);
  assert.deepEqual(talk.unheard, []);
  assert.deepEqual(calls.slice(1), [
    ["session/load", { sessionId: "s9", cwd: "/work", mcpServers: [] }],
    ["session/set_config_option", { sessionId: "s9", configId: "confirm", type: "boolean", value: false }],
    ["session/set_config_option", { sessionId: "s9", configId: "depth", value: "deep" }],
    ["session/set_mode", { sessionId: "s9", modeId: "bold" }],
    ["_session/steering", {
      sessionId: "s9",
      prompt: [{ type: "text", text: "And that." }],
      _meta: { steering: { idleBehavior: "promptRequired" } },
    }],
    ["session/cancel", { sessionId: "s9" }],
  ]);
  const events = talk.readings.flatMap(({ events }) => events);
  assert.deepEqual(events, [{ type: "session", session_id: "s9", model: "small" }]);
});
