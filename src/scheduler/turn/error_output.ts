/**
 * Room `scheduler`: reads the stderr of an agent, for drivers whose reader parses it. Its events have no offset in the
 * raw output, so they are recognised by count: a later daemon skips as many as are written already.
 *
 * @module
 */
import type { TurnReader } from "../../agents/turn_reader.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import { LineTail } from "../../kernel/output/line_tail.ts";
import { MAX_LINE_BYTES } from "../limits.ts";

export interface ErrorOutputOptions {
  readonly reader: TurnReader;
  /** Number of events from stderr that an earlier daemon has written. */
  readonly written: number;
}

export interface ErrorEvent {
  readonly body: EventBody;
  /** Whether no earlier daemon has written it. */
  readonly isNew: boolean;
}

export class ErrorOutput {
  readonly #tail: LineTail;
  readonly #reader: TurnReader;
  readonly #written: number;
  /** Events read by this daemon. */
  #read = 0;
  /** Events written, by an earlier daemon too, or about to be written. */
  #told: number;
  #hasMore = false;

  constructor(path: string, { reader, written }: ErrorOutputOptions) {
    this.#tail = new LineTail(path, { maxLineBytes: MAX_LINE_BYTES });
    this.#reader = reader;
    this.#written = written;
    this.#told = written;
  }

  /** Whether the last read left something unread. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** Whether there is output to read. Throws errors of the file system. */
  hasNews(): boolean {
    return this.#tail.hasNews();
  }

  read(maxBytes: number): ErrorEvent[] {
    const events: ErrorEvent[] = [];
    const { caughtUp } = this.#tail.read((line) => events.push(...this.#take(line)), maxBytes);
    this.#hasMore = !caughtUp;
    return events;
  }

  /** Reads the unfinished last line; stderr must have ended. */
  finish(): ErrorEvent[] {
    const events: ErrorEvent[] = [];
    this.#tail.finish((line) => events.push(...this.#take(line)));
    return events;
  }

  /** Number of events from stderr up to the event written next. @param isOne whether that event is from stderr */
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
