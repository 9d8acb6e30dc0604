/**
 * Room `scheduler`: what an agent prints, read, parsed, counted and written down as events. A daemon that comes later
 * reads the same output from its beginning and appends only what its predecessor had not.
 *
 * @module
 */
import type { Reading, TurnReader } from "../../agents/turn_reader.ts";
import type { EventBody } from "../../domain/event/event.ts";
import { Tally } from "../../domain/turn/tally.ts";
import { UnderWay } from "../../domain/event/under_way.ts";
import type { Terminal } from "../../domain/turn/turn.ts";
import { EventLog } from "../../kernel/events/event_log.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import { LineTail } from "../../kernel/output/line_tail.ts";
import type { Clock } from "../../system/clock.ts";
import { ErrorOutput } from "./error_output.ts";
import { MAX_LINE_BYTES } from "../limits.ts";

/** Bytes read before others get their turn: a few ms of parsing. */
const SLICE_BYTES = 1024 * 1024;

/** Bytes read before their events are written: what is let go of so soon costs the garbage collector next to nothing. */
const BATCH_BYTES = 16 * 1024;

/** Ms after which others get their turn in any case: a million short lines are a million events. */
const SLICE_MS = 10;

/** Ms of silence after which the reader is asked for what it holds back. */
const PAUSE_MS = 1_000;

/**
 * Places for events that no raw line has given, in bytes relative to the output's begin or end: below, and above, the
 * offset of any line.
 */
const BEFORE_OUTPUT = -1;
const READER_END = 1;
const AFTER_OUTPUT = 2;

interface Entry {
  raw: number | null;
  body: EventBody;
  err?: number;
}

/** How the agent itself says that the turn ended. */
export interface LastWord {
  word: Terminal;
  /** Where its line begins, in bytes. */
  offset: number;
}

export interface TurnOutputOptions {
  turn: number;
  /** stdout of the agent. */
  rawFile: string;
  /** Its stderr; read when the reader reads it. */
  errorFile: string;
  directory: JobDirectory;
  reader: TurnReader;
  clock: Clock;
}

export class TurnOutput {
  readonly tally: Tally = new Tally();
  readonly underWay: UnderWay = new UnderWay();
  readonly #options: TurnOutputOptions;
  readonly #log: EventLog;
  readonly #tail: LineTail;
  /** `null` where the reader reads no stderr. */
  readonly #errors: ErrorOutput | null;
  readonly #resume: { raw: number; count: number } | null;
  #unwritten: Entry[] = [];
  /** Where the last line begins that was read, in bytes. */
  #lastLine = BEFORE_OUTPUT;
  /** The place of the newest events, and how many it has. */
  #place = { offset: BEFORE_OUTPUT, events: 0 };
  #lastWord: LastWord | null = null;
  /** Steady ms of the last word's reading; `null` when the agent has begun to work again. */
  #spokeAt: number | null = null;
  /** Steady ms. */
  #lastRead: number;
  /** Steady ms of the newest event's reading. */
  #lastEvent: number;
  #hasGrown = false;
  #isDrained = false;

  constructor(options: TurnOutputOptions) {
    const { directory, clock, turn, rawFile, errorFile, reader } = options;
    this.#options = options;
    this.#log = EventLog.open(directory, clock);
    try {
      this.#resume = this.#log.resumePoint(turn);
      this.#tail = new LineTail(rawFile, { maxLineBytes: MAX_LINE_BYTES });
      this.#errors = reader.readError === undefined
        ? null
        : new ErrorOutput(errorFile, { reader, written: this.#log.eventsOfErrors(turn) });
    } catch (error) {
      this.#log.close();
      throw error;
    }
    this.#lastRead = clock.steady();
    this.#lastEvent = this.#lastRead;
  }

  /** Number of the job's newest event. */
  get lastSeq(): number {
    return this.#log.lastSeq;
  }

  /** Epoch ms. */
  get lastEventAt(): number | null {
    return this.#log.lastEventAt;
  }

  /** The agent's last word so far. */
  get lastWord(): LastWord | null {
    return this.#lastWord;
  }

  /** Steady ms since the agent's last word, by which it had done its work; `null` when it has not. */
  get lingersMs(): number | null {
    return this.#spokeAt === null ? null : this.#options.clock.steady() - this.#spokeAt;
  }

  /** Steady ms since the agent last printed something. */
  get silentMs(): number {
    return this.#options.clock.steady() - this.#lastRead;
  }

  /** Steady ms since the agent last did something that makes an event. */
  get quietMs(): number {
    return this.#options.clock.steady() - this.#lastEvent;
  }

  /** Bytes read, those of an unfinished line too. */
  get readBytes(): number {
    return this.#tail.readBytes;
  }

  /** Bytes of the lines of which something is known, from an earlier daemon too. */
  get knownBytes(): number {
    return Math.max(this.#tail.offset, (this.#resume?.raw ?? -1) + 1);
  }

  /** Bytes of lines that were too long. */
  get skippedBytes(): number {
    return this.#tail.skippedBytes;
  }

  /** Whether output was read since this was last asked. */
  takeGrowth(): boolean {
    const hasGrown = this.#hasGrown;
    this.#hasGrown = false;
    return hasGrown;
  }

  /** Whether there is something to read, or it cannot be told. Costs a microsecond. */
  hasNews(): boolean {
    try {
      return this.#tail.hasNews() || this.#errors?.hasNews() === true;
    } catch {
      return true;
    }
  }

  /**
   * Says something of our own in the job's events, before the agent's output or after its end; once in each place. It
   * has a place in the raw output like every event, so that a later daemon does not say it again, but only what it
   * knows beyond that.
   */
  say(events: readonly EventBody[], place: "before" | "after"): void {
    const offset = place === "before" ? BEFORE_OUTPUT : this.#tail.offset + AFTER_OUTPUT;
    this.#take({ events }, offset);
    this.#write();
  }

  /**
   * Reads a slice of new output.
   * @returns whether events were added, and whether more output is waiting.
   */
  pump(): { added: boolean; more: boolean } {
    const before = this.#log.lastSeq;
    this.#write();
    const deadline = this.#options.clock.steady() + SLICE_MS;
    let more = true;
    for (let bytes = 0; more && bytes < SLICE_BYTES && this.#options.clock.steady() < deadline;) {
      const progress = this.#tail.read((line, offset) => this.#read(line, offset), BATCH_BYTES);
      if (progress.bytes > 0) {
        this.#lastRead = this.#options.clock.steady();
        this.#hasGrown = true;
      }
      this.#write();
      bytes += progress.bytes;
      more = !progress.caughtUp;
    }
    this.#takeErrors(this.#errors?.read(BATCH_BYTES) ?? []);
    this.#write();
    more ||= this.#errors?.hasMore === true;
    if (!more && this.silentMs > PAUSE_MS) {
      this.#pause();
      this.#write();
    }
    return { added: this.#log.lastSeq > before, more };
  }

  /**
   * Reads the unfinished line and what the reader has to say at the end. The output must grow no more and have been
   * pumped. Once, whatever becomes of writing it down: the reader's state cannot be wound back.
   */
  drain(): void {
    if (!this.#isDrained) {
      this.#isDrained = true;
      const end = this.#tail.offset;
      this.#tail.finish((line, offset) => this.#read(line, offset));
      this.#takeErrors(this.#errors?.finish() ?? []);
      this.#take(this.#options.reader.finish(), end + READER_END);
    }
    this.#write();
  }

  close(): void {
    this.#tail.close();
    this.#errors?.close();
    this.#log.close();
  }

  #read(line: string, offset: number): void {
    this.#lastLine = offset;
    this.#take(this.#options.reader.read(line), offset);
    // What the daemon before this one told in a pause must not come again with what follows it.
    if (offset === this.#resume?.raw) this.#pause();
  }

  #pause(): void {
    this.#take({ events: this.#options.reader.pause?.() ?? [] }, this.#lastLine);
  }

  #take(reading: Reading, offset: number): void {
    if (reading.resumes === true) this.#spokeAt = null;
    if (reading.terminal !== undefined) {
      this.#lastWord = { word: reading.terminal, offset };
      this.#spokeAt = this.#options.clock.steady();
    }
    if (reading.events.length > 0) this.#lastEvent = this.#options.clock.steady();
    if (offset !== this.#place.offset) this.#place = { offset, events: 0 };
    for (const body of reading.events) {
      this.tally.count(body);
      this.underWay.count(body);
      if (!this.#isWritten(offset, this.#place.events++)) this.#push(offset, body);
    }
  }

  /** A sign of life, as what is printed on stdout is. */
  #takeErrors(events: readonly { body: EventBody; isNew: boolean }[]): void {
    if (events.length > 0) this.#lastRead = this.#options.clock.steady();
    for (const { body, isNew } of events) {
      this.tally.count(body);
      if (isNew) this.#push(null, body);
    }
  }

  #push(raw: number | null, body: EventBody): void {
    const err = this.#errors?.count(raw === null);
    this.#unwritten.push({ raw, body, ...(err === undefined ? {} : { err }) });
  }

  /** Whether the daemon before this one has written the `nth` event of the raw line at `offset`. */
  #isWritten(offset: number, nth: number): boolean {
    if (this.#resume === null) return false;
    return offset < this.#resume.raw || (offset === this.#resume.raw && nth < this.#resume.count);
  }

  /** Throws when the disk is full; what could not be written stays for the next try. */
  #write(): void {
    if (this.#unwritten.length === 0) return;
    this.#log.append(this.#options.turn, this.#unwritten);
    this.#unwritten = [];
  }
}
