/**
 * Room `agents`: reads lines of JSON by the mapping of the configuration. Total: a line that is not JSON, or that no
 * mapping fits, is a `raw` event, unless the configuration leaves such lines out.
 *
 * @module
 */
import type { CustomAgentConfig } from "../../domain/agent/custom_agent.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { EventMapping } from "../../domain/agent/event_mapping.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import { customFailure } from "./failures.ts";
import type { ReaderContext, Reading, TurnReader } from "../turn_reader.ts";
import { FailureWatch } from "./failure_words.ts";
import { parseObject } from "../reading/json_line.ts";
import { MappedActions, type MappedPart } from "./mapped_actions.ts";
import { MappedUsage } from "./mapped_usage.ts";
import { isAsSaid, mappedTexts, partsOf } from "./mapping_conditions.ts";
import { isBlank } from "../reading/said.ts";

export class MappedReader implements TurnReader {
  readonly #config: CustomAgentConfig;
  readonly #context: ReaderContext;
  /** Whether the mapping has a terminal event; without one, exit code 0 counts as success. */
  readonly #hasResult: boolean;
  readonly #actions = new MappedActions();
  readonly #usage = new MappedUsage();
  readonly #watch: FailureWatch;
  readonly readError?: (line: string) => readonly EventBody[];
  #chunks: string[] = [];
  /** The latest error: it fails the turn unless a message or a result follows it. */
  #failure: Failure | null = null;
  #ended = false;
  #session: string | null = null;

  constructor(config: CustomAgentConfig, context: ReaderContext) {
    this.#config = config;
    this.#context = context;
    this.#hasResult = config.events.some(({ type }) => type === "result");
    this.#watch = new FailureWatch(config.failures, context.startedAt);
    if (this.#watch.readsErrors) {
      this.readError = (line) => {
        this.#watch.look(line, "stderr");
        return [];
      };
    }
  }

  read(line: string): Reading {
    if (line.trim() === "") return { events: [] };
    const fitting = this.#fitting(parseObject(line));
    if (!fitting.some(({ mapping }) => saysWhatALineIs(mapping))) this.#watch.look(line, "output");
    const events: EventBody[] = [];
    let terminal: Reading["terminal"];
    for (const found of fitting) {
      const { mapping, texts } = found;
      if (mapping.type === "message" && mapping.chunk === true) {
        this.#chunks.push(...texts);
        this.#failure = null;
        continue;
      }
      if (mapping.type === "ignore") continue;
      const told = this.#events(found);
      if (told.length > 0 || mapping.type === "result") events.push(...this.#message(), ...told);
      if (mapping.type !== "result" || (this.#ended && mapping.keep === "first")) continue;
      this.#ended = true;
      this.#failure = null;
      const result = texts.join("");
      terminal = { ok: true, ...(isBlank(result) ? {} : { result }) };
    }
    if (!fitting.some(({ mapping }) => saysWhatALineIs(mapping)) && this.#config.other_lines === "raw") {
      events.push(...this.#message(), { type: "raw", text: line });
    }
    return { events, ...(terminal === undefined ? {} : { terminal }) };
  }

  finish(): Reading {
    const events = this.#message();
    const failure = this.#failure ?? (this.#ended ? null : this.#watch.failure);
    if (failure !== null) return { events, terminal: { ok: false, failure } };
    return this.#hasResult || this.#ended ? { events } : { events, terminal: { ok: true } };
  }

  #fitting(line: unknown): MappedPart[] {
    if (line === null) return [];
    return this.#config.events.flatMap((mapping) =>
      partsOf(mapping, line).flatMap((part) => {
        const texts = mappedTexts(mapping, part);
        if (!fits(mapping, texts) || !isAsSaid(mapping.when, part, line)) return [];
        return this.#actions.isForeignEnd({ mapping, part, texts }) ? [] : [{ mapping, texts, part, line }];
      })
    );
  }

  #events(found: MappedPart): EventBody[] {
    const { mapping, texts, part } = found;
    const text = texts.join("");
    switch (mapping.type) {
      case "session":
        return this.#begun(mapping, texts[0] ?? "");
      case "message":
        if (isBlank(text)) return [];
        this.#failure = null;
        return [{ type: "message", text }];
      case "reasoning":
        return isBlank(text) ? [] : [{ type: "reasoning", text }];
      case "command":
      case "tool":
      case "file_change":
        return this.#actions.events(mapping.type, found);
      case "usage": {
        const usage = this.#usage.take(mapping, part);
        return usage === null ? [] : [{ type: "usage", usage }];
      }
      case "warning":
        return [{ type: "warning", message: text }];
      case "error":
        this.#failure = this.#watch.failureIn(text, "output") ?? customFailure(text, this.#context.startedAt);
        return [{ type: "error", message: text, transient: false }];
      case "result":
      case "ignore":
        return [];
    }
  }

  /** The session's event, made once although every line may name the session. */
  #begun(mapping: EventMapping, session: string): EventBody[] {
    if (isBlank(session) || session === this.#session) return [];
    if (this.#session !== null && mapping.keep === "first") return [];
    this.#session = session;
    return [{ type: "session", session_id: session }];
  }

  /** The event for the pieces of a message that have come so far. */
  #message(): EventBody[] {
    const text = this.#chunks.join("");
    this.#chunks = [];
    return isBlank(text) ? [] : [{ type: "message", text }];
  }
}

/** Whether some mapping makes something of a line. */
export function fitsSome(mappings: readonly EventMapping[], line: unknown): boolean {
  return mappings.some((mapping) =>
    partsOf(mapping, line).some((part) =>
      fits(mapping, mappedTexts(mapping, part)) && isAsSaid(mapping.when, part, line)
    )
  );
}

/** A result may come without words, and the end of an action has those of its start. */
function fits(mapping: EventMapping, texts: readonly string[]): boolean {
  const needsText = mapping.text !== undefined && mapping.type !== "result" && mapping.phase !== "end";
  return !needsText || texts.length > 0;
}

/**
 * Whether a mapping tells what a line is. A session's id without a condition stands in every line and tells nothing.
 */
function saysWhatALineIs({ type, when }: EventMapping): boolean {
  return type !== "session" || Object.keys(when).length > 0;
}
