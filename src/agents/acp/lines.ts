/**
 * Room `agents`: the lines that are said to an ACP agent. A test holds all of them against the official schemas.
 *
 * @module
 */
import type { Saying } from "../turn_reader.ts";
import type { RequestId } from "./messages.ts";

/** How this client calls itself. The version is that of what it says, not of the program. */
const CLIENT = { name: "agent-async", title: "agent-async", version: "1" };

/** The version of the protocol that is spoken. */
const PROTOCOL_VERSION = 1;

/**
 * Ids of our own requests: each is made at most once in a talk. The agent's own requests count for themselves, so that
 * its ids overlap with these.
 */
export const OWN_IDS = {
  initialize: 1,
  session: 2,
  prompt: 3,
  authenticate: 4,
  sessionAgain: 5,
} as const;

/** The id of the first request that sets an option; each further one has the next. */
export const FIRST_SETTING_ID = 10;

export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;

/** A request, which its response acknowledges. */
export function request(key: string, id: RequestId, method: string, params: object): Saying {
  return { key, line: JSON.stringify({ jsonrpc: "2.0", id, method, params }), isAcknowledged: true };
}

/** A notification that an answer to the prompt follows upon. */
export function notification(key: string, method: string, params: object): Saying {
  return { key, line: JSON.stringify({ jsonrpc: "2.0", method, params }), isAcknowledged: true };
}

/** What answers a request of the agent; whether it was heard shows in what the agent does next. */
export function response(id: RequestId, result: unknown): Saying {
  return { key: answerKey(id), line: JSON.stringify({ jsonrpc: "2.0", id, result }), isAcknowledged: true };
}

/** The key of what answers the agent's request. */
export function answerKey(id: RequestId): string {
  return `answer ${JSON.stringify(id)}`;
}

/** Answers a request that is not served. Nothing depends on its being heard. */
export function refusal(id: RequestId, code: number, message: string): Saying {
  const line = JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
  return { key: answerKey(id), line, isAcknowledged: false };
}

/**
 * What this client can do: nothing for the agent, whose own tools work under the policy. Input in words is asked for
 * only where somebody answers.
 */
export function initializeParams(canBeAsked: boolean): object {
  return {
    protocolVersion: PROTOCOL_VERSION,
    clientInfo: CLIENT,
    clientCapabilities: {
      fs: { readTextFile: false, writeTextFile: false },
      terminal: false,
      ...(canBeAsked ? { elicitation: { form: {} } } : {}),
    },
  };
}

/**
 * Agents take a text that begins with a slash for one of their commands, whatever blanks come before it: `/help` would
 * never reach the model.
 */
export function plainPrompt(text: string): string {
  return /^\s*\//.test(text) ? `The task:\n${text}` : text;
}
