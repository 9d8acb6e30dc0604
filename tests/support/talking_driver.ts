/**
 * Test support: the driver of an agent that is talked with in plain words, `tests/fixtures/agents/talking`. It is as
 * pure as a real one, and holds back a message until the next line, as real ones do.
 *
 * @module
 */
import type { AgentDriver } from "../../src/agents/driver.ts";
import type { LiveDriver, Talk, TalkContext, TalkInput } from "../../src/agents/live_driver.ts";
import type { Reading, Saying } from "../../src/agents/turn_reader.ts";
import { NO_USAGE } from "../../src/domain/turn/usage.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { fromFileUrl } from "./from_file_url.ts";

/** To be put in front of a PATH. */
export const TALKING_AGENTS = fromFileUrl(new URL("../fixtures/agents/talking", import.meta.url));

class TalkingTalk implements Talk {
  #isReady = false;
  #prompt: string | null = null;
  /** A message that more may be added to. */
  #held: string[] = [];
  #isOver = false;
  #count = 0;

  constructor(private readonly context: TalkContext) {}

  get isOver(): boolean {
    return this.#isOver;
  }

  apply(input: TalkInput): Reading {
    switch (input.kind) {
      case "open":
        return { events: [], says: [line("hello", "hello")] };
      case "prompt":
        this.#prompt = input.text;
        return { events: [], says: this.#isReady ? this.#sayPrompt() : [] };
      case "answer":
        return {
          events: [],
          says: [
            line(
              `answer-${input.question_id}`,
              `answer ${input.question_id} ${input.answer.option ?? input.answer.text}`,
            ),
          ],
        };
      case "refuse":
        return {
          events: [],
          says: [line(`refuse-${input.question_id}`, `refuse ${input.question_id}`)],
        };
      case "steer":
        return { events: [], says: [line(`steer-${encodeURIComponent(input.key)}`, `steer ${input.text}`)] };
      case "interrupt":
        return { events: [], says: [line("stop", "stop")] };
      case "tick":
        return { events: [] };
    }
  }

  read(text: string): Reading {
    const [verb = "", first = ""] = text.split(" ", 2);
    const rest = text.slice(verb.length + 1);
    if (verb === "more") {
      this.#held.push(rest);
      return { events: [] };
    }
    const events = this.pause();
    switch (verb) {
      case "heard":
        return { events, heard: [first] };
      case "ready":
        this.#isReady = true;
        return { events, says: this.#sayPrompt() };
      case "session":
        return { events: [...events, { type: "session", session_id: rest }] };
      case "message":
        this.#held.push(rest);
        return { events };
      case "ask":
        return {
          events,
          asks: [{
            question_id: first,
            kind: "approval",
            title: rest.slice(first.length + 1),
            detail: `all about ${first}`,
            options: [
              { id: "yes", label: "Yes", kind: "allow" },
              { id: "no", label: "No", kind: "reject" },
            ],
          }],
        };
      case "usage": {
        const tokens = Number(rest);
        const usage = { ...NO_USAGE, input_tokens: tokens, total_tokens: tokens };
        return { events: [...events, { type: "usage", usage, so_far: true }] };
      }
      case "withdraw":
        return { events, withdraws: [rest] };
      case "steered": {
        const how = rest.split(" ")[1] === "injected" ? "injected" : "refused";
        return { events, steered: [{ key: decodeURIComponent(first.slice("steer-".length)), how }] };
      }
      case "done":
        this.#isOver = true;
        return { events, terminal: { ok: true } };
      case "stopped":
        this.#isOver = true;
        return { events, terminal: { ok: false, failure: failure("interrupted") } };
      case "failed":
        this.#isOver = true;
        return { events, terminal: { ok: false, failure: failure(rest) } };
      default:
        return { events: [...events, { type: "raw", text }] };
    }
  }

  pause(): readonly EventBody[] {
    const held = this.#held;
    this.#held = [];
    this.#count += held.length;
    return held.length === 0 ? [] : [{ type: "message", text: held.join("") }];
  }

  finish(): Reading {
    return { events: this.pause() };
  }

  #sayPrompt(): Saying[] {
    return this.#prompt === null ? [] : [line(`prompt-${this.context.policy}`, `prompt ${this.#prompt}`)];
  }
}

function line(key: string, text: string): Saying {
  return { key, line: `${key} ${text}`, isAcknowledged: true };
}

function failure(message: string) {
  return { reason: "agent_error", message, hint: null, retry_at: null } as const;
}

export const talkingLive: LiveDriver = {
  steers: "injected",
  isDefault: true,
  command: ({ sessionId }) => ({
    args: sessionId === null ? [] : ["--resume", sessionId],
    env: {},
    stdin: "channel",
  }),
  talk: (context) => new TalkingTalk(context),
};

export const talkingDriver: AgentDriver = {
  name: "talking",
  title: "Talking",
  executables: ["talking-agent"],
  versionArgs: ["--version"],
  readVersion: (text) => /(\d+\.\d+\.\d+)/.exec(text)?.[1] ?? null,
  versions: { oldest: "1.0.0", tested: "1.0.0" },
  hasSessions: true,
  policies: [],
  gracefulSignal: "SIGINT",
  hints: { install: "Install it.", upgrade: "Update it.", login: "Log in." },
  live: talkingLive,
  command: () => {
    throw new TypeError("It is only talked with");
  },
  reader: () => ({
    read: (text) => ({ events: [{ type: "raw", text }] }),
    finish: () => ({ events: [] }),
  }),
  diagnose: () => null,
};
