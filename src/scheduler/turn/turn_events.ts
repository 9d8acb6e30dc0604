/**
 * Room `scheduler`: the events of one turn on their way into the job's event log. Rule of this file: an event that an
 * earlier daemon has written is not written again. It is recognised by its place: the offset of the raw line that gave
 * it, and its number among the events of that line.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event.ts";
import { EventLog } from "../../kernel/events/event_log.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { Clock } from "../../system/clock.ts";

/** The place of events that come before the output: below the offset of any line. */
export const BEFORE_OUTPUT = -1;

export interface TurnEvent {
  /** Offset of the raw line that gave the event; `null` for one that stderr gave. */
  raw: number | null;
  body: EventBody;
  /** Number of events that stderr has given so far, where it is read. */
  err?: number;
}

export class TurnEvents {
  readonly #turn: number;
  readonly #log: EventLog;
  /** Where an earlier daemon stopped: the offset of its newest event's line, and how many events of that it wrote. */
  readonly #resume: { raw: number; count: number } | null;
  #unwritten: TurnEvent[] = [];
  #place = { offset: BEFORE_OUTPUT, events: 0 };

  /** Opens the job's event log; throws what the file system says. */
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
    return this.#resume?.raw ?? null;
  }

  /** What an earlier daemon has written of the events that stderr gave. */
  writtenOfErrors(): ReturnType<EventLog["eventsOfErrors"]> {
    return this.#log.eventsOfErrors(this.#turn);
  }

  /** The next events are those of the line at `offset`. */
  moveTo(offset: number): void {
    if (offset !== this.#place.offset) this.#place = { offset, events: 0 };
  }

  /** Counts one more event of the present line. Returns whether no earlier daemon has written it. */
  isNextNew(): boolean {
    const { offset } = this.#place;
    const nth = this.#place.events++;
    if (this.#resume === null) return true;
    return offset > this.#resume.raw || (offset === this.#resume.raw && nth >= this.#resume.count);
  }

  /** Takes an event to be written by the next {@link write}. */
  push(event: TurnEvent): void {
    this.#unwritten.push(event);
  }

  /** Throws when the disk is full; what could not be written stays for the next try. */
  write(): void {
    if (this.#unwritten.length === 0) return;
    this.#log.append(this.#turn, this.#unwritten);
    this.#unwritten = [];
  }

  close(): void {
    this.#log.close();
  }
}
