/**
 * Room `agents`: reads an agent that prints JSON, whatever else it prints into the same lines. Around every reader of
 * such an agent, so that each of them sees objects alone, or a line that has none.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event_body.ts";
import { joinedReading } from "./joined_reading.ts";
import type { Reading, TurnReader } from "../turn_reader.ts";
import { WholeActions, type WholeActionsOptions } from "./whole_actions.ts";
import { isInvisible, type JsonObject, linePieces, looksPlain } from "./json_line.ts";

/** Every agent that comes with the program says with a member `type` what a line is. */
function hasType(value: JsonObject): boolean {
  return typeof value["type"] === "string";
}

export interface JsonLinesOptions extends WholeActionsOptions {
  /** Which objects the reader knows: a log line with some JSON in it stays as it is. */
  readonly isWanted?: (value: JsonObject) => boolean;
}

/** Wraps the reader of an agent that prints JSON: it sees objects alone, and its actions become whole. */
export function jsonLines(reader: TurnReader, options: JsonLinesOptions = {}): TurnReader {
  return new WholeActions(new JsonLinesReader(reader, options.isWanted ?? hasType), options);
}

class JsonLinesReader implements TurnReader {
  readonly #reader: TurnReader;
  readonly #isWanted: (value: JsonObject) => boolean;
  readonly readError?: (line: string) => readonly EventBody[];

  constructor(reader: TurnReader, isWanted: (value: JsonObject) => boolean) {
    this.#reader = reader;
    this.#isWanted = isWanted;
    if (reader.readError !== undefined) this.readError = reader.readError.bind(reader);
  }

  read(line: string): Reading {
    if (looksPlain(line)) return this.#plain(line);
    const pieces = linePieces(line, this.#isWanted);
    if (pieces !== null) return joinedReading(pieces.map(({ text }) => this.#reader.read(text)));
    return isInvisible(line) ? { events: [] } : this.#reader.read(line);
  }

  /** A line that looks like one object is parsed once. Unknown to the reader, it may be `{50 %} {"type": ...}`. */
  #plain(line: string): Reading {
    const reading = this.#reader.read(line);
    const last = reading.events.at(-1);
    if (last?.type !== "raw" || last.text !== line) return reading;
    const pieces = linePieces(line, this.#isWanted);
    if (pieces === null || pieces.length < 2) return reading;
    const before = { ...reading, events: reading.events.slice(0, -1) };
    return joinedReading([before, ...pieces.map(({ text }) => this.#reader.read(text))]);
  }

  pause(): readonly EventBody[] {
    return this.#reader.pause?.() ?? [];
  }

  finish(): Reading {
    return this.#reader.finish();
  }
}
