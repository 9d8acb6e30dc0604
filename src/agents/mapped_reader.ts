/**
 * Room `agents`: reads lines of JSON by the mapping of the configuration. Total: a line that is not JSON, or that no
 * mapping fits, is a `raw` event.
 *
 * @module
 */
import type { EventBody } from "../domain/event.ts";
import type { Failure } from "../domain/turn.ts";
import { addUsage, type Usage } from "../domain/usage.ts";
import type { EventMapping } from "../domain/custom_agent.ts";
import type { ReaderContext, Reading, TurnReader } from "./driver.ts";
import { customFailure } from "./custom_failures.ts";
import { countAt, textsAt } from "./json_members.ts";
import { isBlank } from "./said.ts";

export class MappedReader implements TurnReader {
  readonly #mappings: readonly EventMapping[];
  readonly #context: ReaderContext;
  /** Whether the agent has a last word; without one, exit code 0 is its success. */
  readonly #hasResult: boolean;
  #chunks: string[] = [];
  /** An error is the last word unless something better comes after it. */
  #failure: Failure | null = null;
  #ended = false;
  #usage: Usage | null = null;
  #actions = 0;

  constructor(mappings: readonly EventMapping[], context: ReaderContext) {
    this.#mappings = mappings;
    this.#context = context;
    this.#hasResult = mappings.some(({ type }) => type === "result");
  }

  read(line: string): Reading {
    if (line.trim() === "") return { events: [] };
    const value = parse(line);
    const fitting = value === undefined ? [] : this.#mappings.flatMap((mapping) => {
      const texts = mapping.text === undefined ? [] : textsAt(value, mapping.text);
      return fits(mapping, value, texts) ? [{ mapping, texts }] : [];
    });
    if (fitting.length === 0) return { events: [...this.#message(), { type: "raw", text: line }] };
    const events: EventBody[] = [];
    let terminal: Reading["terminal"];
    for (const { mapping, texts } of fitting) {
      if (mapping.type === "message" && mapping.chunk === true) {
        this.#chunks.push(...texts);
        this.#failure = null;
        continue;
      }
      if (mapping.type !== "ignore") events.push(...this.#message(), ...this.#events(mapping, texts, value));
      if (mapping.type !== "result") continue;
      this.#ended = true;
      this.#failure = null;
      const result = texts.join("");
      terminal = { ok: true, ...(isBlank(result) ? {} : { result }) };
    }
    return { events, ...(terminal === undefined ? {} : { terminal }) };
  }

  finish(): Reading {
    const events = this.#message();
    if (this.#failure !== null) return { events, terminal: { ok: false, failure: this.#failure } };
    return this.#hasResult || this.#ended ? { events } : { events, terminal: { ok: true } };
  }

  #events(mapping: EventMapping, texts: readonly string[], value: unknown): EventBody[] {
    const text = texts.join("");
    switch (mapping.type) {
      case "session":
        return isBlank(text) ? [] : [{ type: "session", session_id: texts[0] ?? "" }];
      case "message":
        this.#failure = null;
        return isBlank(text) ? [] : [{ type: "message", text }];
      case "reasoning":
        return isBlank(text) ? [] : [{ type: "reasoning", text }];
      case "command":
        return texts.flatMap((command) => this.#command(mapping, command, value));
      case "tool":
        return texts.map((tool) => this.#tool(mapping, tool, value));
      case "file_change":
        return texts.map((path) => ({
          type: "file_change",
          id: this.#nextId(),
          state: "completed",
          changes: [{ path, kind: "update" }],
        }));
      case "usage":
        return this.#addUsage(mapping, value);
      case "warning":
        return [{ type: "warning", message: text }];
      case "error":
        this.#failure = customFailure(text, this.#context.startedAt);
        return [{ type: "error", message: text, transient: false }];
      case "result":
      case "ignore":
        return [];
    }
  }

  /** Begins and ends with one line; a transcript shows the command where it begins. */
  #command(mapping: EventMapping, command: string, value: unknown): EventBody[] {
    const output = outputAt(mapping, value);
    const exit_code = countAt(value, mapping.exit_code);
    const start = { type: "command", id: this.#nextId(), command } as const;
    return [
      { ...start, state: "started" },
      {
        ...start,
        state: exit_code === null || exit_code === 0 ? "completed" : "failed",
        ...(exit_code === null ? {} : { exit_code }),
        ...(output === "" ? {} : { output }),
      },
    ];
  }

  #tool(mapping: EventMapping, tool: string, value: unknown): EventBody {
    const result = outputAt(mapping, value);
    return {
      type: "tool_call",
      id: this.#nextId(),
      state: "completed",
      tool,
      ...(result === "" ? {} : { result }),
    };
  }

  /** The turn's usage so far: a later event replaces an earlier one. */
  #addUsage(mapping: EventMapping, value: unknown): EventBody[] {
    const input_tokens = countAt(value, mapping.input_tokens) ?? 0;
    const output_tokens = countAt(value, mapping.output_tokens) ?? 0;
    const used: Usage = {
      input_tokens,
      cached_input_tokens: Math.min(countAt(value, mapping.cached_input_tokens) ?? 0, input_tokens),
      output_tokens,
      total_tokens: input_tokens + output_tokens,
    };
    this.#usage = this.#usage === null ? used : addUsage(this.#usage, used);
    return [{ type: "usage", usage: this.#usage }];
  }

  /** The pieces of a message so far, as one. */
  #message(): EventBody[] {
    const text = this.#chunks.join("");
    this.#chunks = [];
    return text.trim() === "" ? [] : [{ type: "message", text }];
  }

  #nextId(): string {
    return `action-${++this.#actions}`;
  }
}

/** Whether the mapping makes something of a line. */
export function fitsMapping(mapping: EventMapping, value: unknown): boolean {
  return fits(mapping, value, mapping.text === undefined ? [] : textsAt(value, mapping.text));
}

function fits(mapping: EventMapping, value: unknown, texts: readonly string[]): boolean {
  if (mapping.text !== undefined && mapping.type !== "result" && texts.length === 0) return false;
  return Object.entries(mapping.when).every(([name, expected]) => textsAt(value, name).includes(expected));
}

function outputAt(mapping: EventMapping, value: unknown): string {
  return mapping.output === undefined ? "" : textsAt(value, mapping.output).join("\n");
}

/** `undefined` for what is no JSON object. */
function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
