/**
 * Room `scheduler`: what an agent prints on stderr, for a reader that reads it. Its events have no place in the raw
 * output: they are counted, and a daemon that comes later passes over as many as its predecessor has written.
 *
 * @module
 */
import type { TurnReader } from "../../agents/turn_reader.ts";
import type { EventBody } from "../../domain/event/event.ts";
import { LineTail } from "../../kernel/output/line_tail.ts";
import { MAX_LINE_BYTES } from "../limits.ts";

export interface ErrorOutputOptions {
  readonly reader: TurnReader;
  /** Events that an earlier daemon has written down. */
  readonly written: number;
}

export interface ErrorEvent {
  readonly body: EventBody;
  /** Whether nobody has written it down yet. */
  readonly isNew: boolean;
}

export class ErrorOutput {
  readonly #tail: LineTail;
  readonly #reader: TurnReader;
  readonly #written: number;
  /** Events read by this daemon. */
  #read = 0;
  /** Events written down, or about to be. */
  #told: number;
  #hasMore = false;

  constructor(path: string, { reader, written }: ErrorOutputOptions) {
    this.#tail = new LineTail(path, { maxLineBytes: MAX_LINE_BYTES });
    this.#reader = reader;
    this.#written = written;
    this.#told = written;
  }

  /** Whether the last read left something. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** Throws what the file system says. */
  hasNews(): boolean {
    return this.#tail.hasNews();
  }

  read(maxBytes: number): ErrorEvent[] {
    const events: ErrorEvent[] = [];
    const { caughtUp } = this.#tail.read((line) => events.push(...this.#take(line)), maxBytes);
    this.#hasMore = !caughtUp;
    return events;
  }

  /** The unfinished line. */
  finish(): ErrorEvent[] {
    const events: ErrorEvent[] = [];
    this.#tail.finish((line) => events.push(...this.#take(line)));
    return events;
  }

  /** How many events of stderr there are with the one that is written next, which is one of them or is not. */
  count(isOne: boolean): number {
    if (isOne) this.#told++;
    return this.#told;
  }

  close(): void {
    this.#tail.close();
  }

  #take(line: string): ErrorEvent[] {
    const events = this.#reader.readError?.(line) ?? [];
    return events.map((body) => ({ body, isNew: ++this.#read > this.#written }));
  }
}
