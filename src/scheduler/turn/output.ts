/**
 * Room `scheduler`: reads and parses what an agent prints, counts it and writes it down as events. A later daemon reads
 * the same output from its beginning and appends only the events that are not written yet.
 *
 * @module
 */
import type { Reading } from "../../agents/turn_reader.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import { soundEvent, Tally } from "../../domain/turn/tally.ts";
import { UnderWay } from "../../domain/event/under_way.ts";
import { LineTail } from "../../kernel/output/line_tail.ts";
import { ErrorOutput } from "./error_output.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import type { LastWord, TurnOutputOptions } from "./output_options.ts";
import { TurnSilence } from "./silence.ts";
import { PlainReading, type TurnReading } from "./turn_reading.ts";
import type { JournaledInput } from "../talk/talk_input.ts";
import { BEFORE_OUTPUT, type TurnEvent, TurnEvents } from "./turn_events.ts";

/** Bytes that one call of `pump` reads at most: a few ms of parsing. */
const SLICE_BYTES = 1024 * 1024;

/** Bytes read before their events are written. With 32 KB more of them survive a garbage collection: 5 % more CPU. */
const BATCH_BYTES = 16 * 1024;

/** Ms after which `pump` returns in any case: short lines make many events in few bytes. */
const SLICE_MS = 10;

/** Ms of silence after which the reader is asked for events that it holds back. */
const PAUSE_MS = 1_000;

/** Offsets from the end of the output, in bytes: of events that the reader gives at the end, and of our own after. */
const READER_END = 1;
const AFTER_OUTPUT = 2;

export class TurnOutput {
  readonly tally: Tally = new Tally();
  readonly underWay: UnderWay = new UnderWay();
  readonly silence: TurnSilence;
  readonly #options: TurnOutputOptions;
  readonly #reading: TurnReading;
  readonly #events: TurnEvents;
  readonly #tail: LineTail;
  /** `null` where the reader reads no stderr. */
  readonly #errors: ErrorOutput | null;
  #lastWord: LastWord | null = null;
  #hasGrown = false;
  #isDrained = false;
  /** Whether events were taken that the silence was not told of: asking the clock for each line would be dear. */
  #hasActed = false;

  constructor(options: TurnOutputOptions) {
    const { directory, clock, turn, rawFile, errorFile, reader, talk = null } = options;
    this.#options = options;
    this.#events = new TurnEvents(turn, { directory, clock });
    this.#reading = talk ?? new PlainReading(reader, this.#events.knownOffset);
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
    this.#reading.begin(this.#take);
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

  /** Bytes read, including an unfinished line. */
  get readBytes(): number {
    return this.#tail.readBytes;
  }

  /** Bytes of output that were read as lines, by this daemon or an earlier one. */
  get knownBytes(): number {
    return Math.max(this.#tail.offset, this.#events.knownBytes);
  }

  /** Whether lines were passed over because they were too long. */
  get possiblyTruncated(): boolean {
    return this.#tail.skippedBytes > 0;
  }

  /** What the agent is doing, for people. An agent that prints has started, even before its first event. */
  get activity(): string {
    const { activity } = this.tally;
    return activity === "starting" && this.readBytes > 0 ? "writing" : activity;
  }

  /** The agent's answer: the result in its last word, else its newest message, else `null`. */
  get result(): string | null {
    const word = this.#lastWord?.word;
    const result = word?.ok === true ? word.result : undefined;
    return result === undefined || result.trim() === "" ? this.tally.lastMessage : result;
  }

  /** Whether output was read since the last call. */
  takeGrowth(): boolean {
    const hasGrown = this.#hasGrown;
    this.#hasGrown = false;
    return hasGrown;
  }

  /** Whether there is output to read; true when a file cannot be checked. Costs a microsecond. */
  hasNews(): boolean {
    try {
      return this.#tail.hasNews() || this.#errors?.hasNews() === true;
    } catch {
      return true;
    }
  }

  /**
   * Writes events of our own, before the agent's output or after its end; to be called once for each place. They get an
   * offset like the agent's events, so that a later daemon that says them again writes only those that are new.
   */
  say(events: readonly EventBody[], place: "before" | "after"): void {
    const offset = place === "before" ? BEFORE_OUTPUT : this.#tail.offset + AFTER_OUTPUT;
    this.#take({ events }, offset, null);
    this.#events.write();
  }

  /**
   * Reads new output up to a limit of bytes and time. Throws when events cannot be written; they are kept for a retry.
   * @returns whether events were added, and whether there is more to read.
   */
  pump(): { added: boolean; more: boolean } {
    const before = this.#events.lastSeq;
    this.#events.write();
    const deadline = this.#options.clock.steady() + SLICE_MS;
    let more = true;
    for (let bytes = 0; more && bytes < SLICE_BYTES && this.#options.clock.steady() < deadline;) {
      const progress = this.#tail.read(this.#read, BATCH_BYTES);
      this.#noteActs();
      if (progress.bytes > 0) {
        this.silence.printed();
        this.#hasGrown = true;
      }
      this.#events.write();
      this.#reading.flush();
      bytes += progress.bytes;
      more = !progress.caughtUp;
    }
    this.#takeErrors(this.#errors?.read(BATCH_BYTES) ?? []);
    this.#events.write();
    more ||= this.#errors?.hasMore === true;
    if (!more) {
      this.#reading.rest(this.silence.ms > PAUSE_MS, this.#take);
      this.#noteActs();
      this.#events.write();
      this.#reading.flush();
    }
    return { added: this.#events.lastSeq > before, more };
  }

  /**
   * Reads the unfinished last line and the reader's final events. The output must have ended and been pumped. May be
   * called again when a write failed: it reads only once, since the reader cannot be reset, and then only writes.
   */
  drain(): void {
    if (!this.#isDrained) {
      this.#isDrained = true;
      const end = this.#tail.offset;
      this.#tail.finish(this.#read);
      this.#takeErrors(this.#errors?.finish() ?? []);
      this.#take(this.#reading.finish(), end + READER_END, null);
      this.#noteActs();
    }
    this.#events.write();
  }

  close(): void {
    this.#tail.close();
    this.#errors?.close();
    this.#events.close();
  }

  /**
   * Puts an input into the talk of a two-way turn. It counts as soon as it is in the journal; what it brings is written
   * down and said now, or, where that fails, with the next output.
   *
   * @throws what the file system says; then nothing was put in
   */
  put(input: JournaledInput): void {
    const { talk } = this.#options;
    if (talk == null) throw new TypeError("Cannot put an input into a one-way turn");
    talk.put(input, this.#take);
    this.#noteActs();
    if (input.kind !== "tick" && input.kind !== "clock") this.silence.printed();
    try {
      this.#events.write();
      talk.flush();
    } catch {
      // The next call of `pump` writes and says what is left, and throws if that fails again.
    }
  }

  #noteActs(): void {
    if (this.#hasActed) this.silence.acted();
    this.#hasActed = false;
  }

  readonly #read = (line: string, start: number, end: number): void =>
    this.#reading.read(line, start, end, this.#take);

  readonly #take = (reading: Reading, offset: number, input: number | null): void => {
    if (reading.resumes === true) this.silence.resumed();
    if (reading.terminal !== undefined) {
      this.#lastWord = { word: reading.terminal, offset };
      this.silence.spoke();
    }
    this.#hasActed ||= reading.events.length > 0;
    this.#events.moveTo(offset, input);
    for (const body of reading.events.map(soundEvent)) {
      this.tally.count(body);
      this.underWay.count(body);
      if (this.#events.isNextNew()) this.#push({ raw: offset, ...(input === null ? {} : { input }), body });
    }
  };

  /** Counts and queues the events of stderr. They end the silence, as output on stdout does. */
  #takeErrors(events: readonly { body: EventBody; isNew: boolean }[]): void {
    if (events.length > 0) this.silence.printed();
    for (const { body, isNew } of events) {
      this.tally.count(body);
      if (isNew) this.#push({ raw: null, body });
    }
  }

  #push(event: Omit<TurnEvent, "err">): void {
    const err = this.#errors?.count(event.raw === null);
    this.#events.push(err === undefined ? event : { ...event, err });
  }
}
