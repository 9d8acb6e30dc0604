/**
 * The scripted model: what it is told to answer, in words that no provider's protocol knows.
 *
 * @module
 */

/** One thing that a model can put into an answer. */
export type Item =
  | { kind: "text"; text: string }
  | { kind: "reasoning"; text: string }
  /** Run with the host agent's shell tool. */
  | { kind: "shell"; command: string }
  /** In the `*** Begin Patch` format. */
  | { kind: "patch"; patch: string }
  | { kind: "mcp"; server: string; tool: string; arguments: Record<string, unknown> }
  | { kind: "plan"; items: { text: string; done: boolean }[] }
  /** Any other tool of the host agent, by its own name. */
  | { kind: "tool"; tool: string; arguments: Record<string, unknown> }
  /** A search for tools that the host has, but does not show. */
  | { kind: "search"; query: string; limit: number };

export interface TokenCounts {
  /** Includes the cached ones. */
  input: number;
  cached: number;
  /** Includes the reasoning ones. */
  output: number;
  reasoning: number;
}

/** An answer of the model, streamed. */
export interface Answer {
  items: readonly Item[];
  /** Default: {@link USAGE}. */
  usage?: TokenCounts;
  /** Ms before the response begins. */
  delayMs?: number;
  /** Ms between the items of the stream. */
  pauseMs?: number;
  /** The response begins when this is settled: for tests that decide themselves how long the model thinks. */
  after?: Promise<unknown>;
  /** `cut`: the connection breaks after the items. `hang`: nothing comes after them. Default: `complete`. */
  end?: "complete" | "cut" | "hang";
  /**
   * Where the stream is cut, when: once this is settled. A connection that breaks before its reader has read what came
   * is another fault.
   */
  cutAfter?: Promise<unknown>;
}

/** A refusal, as an HTTP status. */
export interface Refusal {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  delayMs?: number;
}

/** What an agent has told the model in one request. */
export interface Asked {
  /** The texts of the user's messages, oldest first. */
  userTexts: readonly string[];
  /** What tools answered, oldest first; JSON where it was no text. */
  toolResults: readonly string[];
  /** The whole request, parsed. */
  body: unknown;
}

/** An item alone is an answer of that item. */
type FixedStep = Item | Answer | Refusal;

/** What one model request is answered with; a function for an answer that depends on what was asked. */
export type Step = FixedStep | ((asked: Asked) => FixedStep);

/** What an answer costs when its step does not say. */
export const USAGE: TokenCounts = { input: 100, cached: 20, output: 10, reasoning: 3 };

export function text(value: string): Item {
  return { kind: "text", text: value };
}

export function reasoning(value: string): Item {
  return { kind: "reasoning", text: value };
}

export function shell(command: string): Item {
  return { kind: "shell", command };
}

export function patch(value: string): Item {
  return { kind: "patch", patch: value };
}

/** A patch that adds one file. */
export function addFile(path: string, content: string): Item {
  const lines = content.replace(/\n$/, "").split("\n").map((line) => `+${line}`);
  return patch(`*** Begin Patch\n*** Add File: ${path}\n${lines.join("\n")}\n*** End Patch\n`);
}

export function mcpCall(server: string, tool: string, args: Record<string, unknown> = {}): Item {
  return { kind: "mcp", server, tool, arguments: args };
}

export function plan(items: { text: string; done: boolean }[]): Item {
  return { kind: "plan", items };
}

export function search(query: string, limit = 8): Item {
  return { kind: "search", query, limit };
}

/** Several items in one answer, or one with delays, an end or usage of its own. */
export function answer(items: readonly Item[], more: Omit<Answer, "items"> = {}): Answer {
  return { items, ...more };
}

export function refuse(status: number, body?: unknown, headers?: Record<string, string>): Refusal {
  return { status, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) };
}

/** A 429 as ChatGPT's backend gives it when the plan's limit is reached. */
export function usageLimit(options: { resetsInSeconds?: number; resetsAtSeconds?: number } = {}): Refusal {
  return refuse(429, {
    error: {
      type: "usage_limit_reached",
      message: "The usage limit has been reached",
      plan_type: "plus",
      ...(options.resetsInSeconds === undefined ? {} : { resets_in_seconds: options.resetsInSeconds }),
      ...(options.resetsAtSeconds === undefined ? {} : { resets_at: options.resetsAtSeconds }),
    },
  });
}

export function cutStream(items: readonly Item[] = [], more: Pick<Answer, "cutAfter"> = {}): Answer {
  return { items, end: "cut", ...more };
}

export function hang(items: readonly Item[] = []): Answer {
  return { items, end: "hang" };
}

/** The steps of one scenario, taken one by one; then the last resort, for ever. */
export class Scenario {
  readonly #steps: Step[];
  readonly #afterwards: Step;
  /** Requests answered so far. */
  taken = 0;

  constructor(steps: readonly Step[], afterwards: Step = text("done")) {
    this.#steps = [...steps];
    this.#afterwards = afterwards;
  }

  next(asked: Asked): Answer | Refusal {
    this.taken++;
    const next = this.#steps.shift() ?? this.#afterwards;
    const step = typeof next === "function" ? next(asked) : next;
    return "kind" in step ? { items: [step] } : step;
  }
}
