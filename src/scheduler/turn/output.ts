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
import type { JobDirectory } from "../../kernel/job_directory.ts";
import { LineTail } from "../../kernel/output/line_tail.ts";
import type { Clock } from "../../system/clock.ts";
import { ErrorOutput } from "./error_output.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import { TurnSilence } from "./silence.ts";
import { BEFORE_OUTPUT, TurnEvents } from "./turn_events.ts";

/** Bytes read before `pump` yields to other work of the daemon: a few ms of parsing. */
const SLICE_BYTES = 1024 * 1024;

/** Bytes read before their events are written: objects that live so short cost the garbage collector next to nothing. */
const BATCH_BYTES = 16 * 1024;

/** Ms after which `pump` yields in any case: a million short lines are a million events. */
const SLICE_MS = 10;

/** Ms of silence after which the reader is asked for what it holds back. */
const PAUSE_MS = 1_000;

/** Places of events that the reader gives at the end, and of our own behind them, in bytes after the output's end. */
const READER_END = 1;
const AFTER_OUTPUT = 2;

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
  readonly silence: TurnSilence;
  readonly #options: TurnOutputOptions;
  readonly #events: TurnEvents;
  readonly #tail: LineTail;
  /** `null` where the reader reads no stderr. */
  readonly #errors: ErrorOutput | null;
  /** Where the last line begins that was read, in bytes. */
  #lastLine = BEFORE_OUTPUT;
  #lastWord: LastWord | null = null;
  #hasGrown = false;
  #isDrained = false;

  constructor(options: TurnOutputOptions) {
    const { directory, clock, turn, rawFile, errorFile, reader } = options;
    this.#options = options;
    this.#events = new TurnEvents(turn, { directory, clock });
    try {
      this.#tail = new LineTail(rawFile, { maxLineBytes: MAX_LINE_BYTES });
      this.#errors = reader.readError === undefined
        ? null
        : new ErrorOutput(errorFile, { reader, written: this.#events.writtenOfErrors() });
    } catch (error) {
      this.#events.close();
      throw error;
    }
    this.silence = new TurnSilence(clock);
  }

  /** Number of the job's newest event. */
  get lastSeq(): number {
    return this.#events.lastSeq;
  }

  /** Epoch ms. */
  get lastEventAt(): number | null {
    return this.#events.lastEventAt;
  }

  /** The agent's last word so far. */
  get lastWord(): LastWord | null {
    return this.#lastWord;
  }

  /** Bytes read, those of an unfinished line too. */
  get readBytes(): number {
    return this.#tail.readBytes;
  }

  /** Bytes of the lines of which something is known, from an earlier daemon too. */
  get knownBytes(): number {
    return Math.max(this.#tail.offset, (this.#events.knownOffset ?? -1) + 1);
  }

  /** Whether lines were passed over because they were too long. */
  get possiblyTruncated(): boolean {
    return this.#tail.skippedBytes > 0;
  }

  /** What the agent is at, as a view shows it. One that prints what makes no event yet has started all the same. */
  get activity(): string {
    const { activity } = this.tally;
    return activity === "starting" && this.readBytes > 0 ? "writing" : activity;
  }

  /** What the agent has answered: what its last word says, else its newest message; `null` for neither. */
  get result(): string | null {
    const word = this.#lastWord?.word;
    const result = word?.ok === true ? word.result : undefined;
    return result === undefined || result.trim() === "" ? this.tally.lastMessage : result;
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
    this.#events.write();
  }

  /**
   * Reads a slice of new output.
   * @returns whether events were added, and whether more output is waiting.
   */
  pump(): { added: boolean; more: boolean } {
    const before = this.#events.lastSeq;
    this.#events.write();
    const deadline = this.#options.clock.steady() + SLICE_MS;
    let more = true;
    for (let bytes = 0; more && bytes < SLICE_BYTES && this.#options.clock.steady() < deadline;) {
      const progress = this.#tail.read((line, offset) => this.#read(line, offset), BATCH_BYTES);
      if (progress.bytes > 0) {
        this.silence.printed();
        this.#hasGrown = true;
      }
      this.#events.write();
      bytes += progress.bytes;
      more = !progress.caughtUp;
    }
    this.#takeErrors(this.#errors?.read(BATCH_BYTES) ?? []);
    this.#events.write();
    more ||= this.#errors?.hasMore === true;
    if (!more && this.silence.ms > PAUSE_MS) {
      this.#pause();
      this.#events.write();
    }
    return { added: this.#events.lastSeq > before, more };
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
    this.#events.write();
  }

  close(): void {
    this.#tail.close();
    this.#errors?.close();
    this.#events.close();
  }

  #read(line: string, offset: number): void {
    this.#lastLine = offset;
    this.#take(this.#options.reader.read(line), offset);
    // What the daemon before this one told in a pause must not come again with what follows it.
    if (offset === this.#events.knownOffset) this.#pause();
  }

  #pause(): void {
    this.#take({ events: this.#options.reader.pause?.() ?? [] }, this.#lastLine);
  }

  #take(reading: Reading, offset: number): void {
    if (reading.resumes === true) this.silence.resumed();
    if (reading.terminal !== undefined) {
      this.#lastWord = { word: reading.terminal, offset };
      this.silence.spoke();
    }
    if (reading.events.length > 0) this.silence.acted();
    this.#events.moveTo(offset);
    for (const body of reading.events) {
      this.tally.count(body);
      this.underWay.count(body);
      if (this.#events.isNextNew()) this.#push(offset, body);
    }
  }

  /** A sign of life, as what is printed on stdout is. */
  #takeErrors(events: readonly { body: EventBody; isNew: boolean }[]): void {
    if (events.length > 0) this.silence.printed();
    for (const { body, isNew } of events) {
      this.tally.count(body);
      if (isNew) this.#push(null, body);
    }
  }

  #push(raw: number | null, body: EventBody): void {
    const err = this.#errors?.count(raw === null);
    this.#events.push({ raw, body, ...(err === undefined ? {} : { err }) });
  }
}
