/**
 * Room `scheduler`: appends the events of one turn to the job's event log. Rule of this file: an event that an earlier
 * daemon has written is not written again. It is recognised by its place: the offset of its line in the raw output or
 * the number of its entry in the journal, and its number among the events there.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event_body.ts";
import { EventLog } from "../../kernel/events/event_log.ts";
import { comparePlaces, type EventPlace, type ResumePoint } from "../../kernel/events/stored_event.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { Clock } from "../../system/clock.ts";

/** The offset of events that come before the output: below that of any line. */
export const BEFORE_OUTPUT = -1;

export interface TurnEvent {
  /** Offset in bytes of the event's line in stdout; `null` for an event from stderr. */
  raw: number | null;
  /** Number of the journal's entry that it came from; absent for the event of a line. */
  input?: number;
  body: EventBody;
  /** Number of the turn's events from stderr so far, this one included; absent where stderr is not read. */
  err?: number;
}

export class TurnEvents {
  readonly #turn: number;
  readonly #log: EventLog;
  /** Where an earlier daemon stopped, and how many events of that place it wrote. */
  readonly #resume: ResumePoint | null;
  #unwritten: TurnEvent[] = [];
  #place: EventPlace = { raw: BEFORE_OUTPUT, input: null };
  /** Events at the present place so far. */
  #counted = 0;

  /** Opens the job's event log, to be closed by `close`. Throws errors of the file system. */
  constructor(turn: number, { directory, clock }: { directory: JobDirectory; clock: Clock }) {
    this.#turn = turn;
    this.#log = EventLog.open(directory, clock);
    try {
      this.#resume = this.#log.resumePoint(turn);
    } catch (error) {
      this.#log.close();
      throw error;
    }
  }

  /** Number of the job's newest event. */
  get lastSeq(): number {
    return this.#log.lastSeq;
  }

  /** Epoch ms. */
  get lastEventAt(): number | null {
    return this.#log.lastEventAt;
  }

  /** Offset of the newest line of which an earlier daemon has written events; `null` when there is none. */
  get knownOffset(): number | null {
    return this.#resume === null || this.#resume.input !== null ? null : this.#resume.raw;
  }

  /** Bytes of output up to which an earlier daemon has read for certain. */
  get knownBytes(): number {
    if (this.#resume === null) return 0;
    return this.#resume.input === null ? this.#resume.raw + 1 : this.#resume.raw;
  }

  /** How many events from stderr an earlier daemon has written. */
  writtenOfErrors(): ReturnType<EventLog["eventsOfErrors"]> {
    return this.#log.eventsOfErrors(this.#turn);
  }

  /** Says that the next events are those of the line at `raw`, or of the journal's entry `input` there. */
  moveTo(raw: number, input: number | null = null): void {
    if (this.#place.raw === raw && this.#place.input === input) return;
    this.#place = { raw, input };
    this.#counted = 0;
  }

  /** Counts one more event of the present place. Returns whether no earlier daemon has written it. */
  isNextNew(): boolean {
    const nth = this.#counted++;
    if (this.#resume === null) return true;
    const order = comparePlaces(this.#place, this.#resume);
    return order > 0 || (order === 0 && nth >= this.#resume.count);
  }

  /** Queues an event for the next {@link write}. */
  push(event: TurnEvent): void {
    this.#unwritten.push(event);
  }

  /** Writes the queued events. Throws when the disk is full; the events stay queued for the next call. */
  write(): void {
    if (this.#unwritten.length === 0) return;
    this.#log.append(this.#turn, this.#unwritten);
    this.#unwritten = [];
  }

  close(): void {
    this.#log.close();
  }
}
