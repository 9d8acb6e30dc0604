/**
 * Room `kernel`: writes down what an agent did, as events for programs and as a transcript for people. After a kill
 * at any instant both files are again as they were after some whole event.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { diskFault } from "../../domain/disk_fault.ts";
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import type { EventBody } from "../../domain/event/event.ts";
import { isoTime } from "../../domain/job/ids.ts";
import { renderEvent } from "../../domain/event/transcript.ts";
import type { Clock } from "../../system/clock.ts";
import { ifExists, PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import { AppendFile } from "./append_file.ts";
import { eventsOfErrorsIn, recover, type Recovery, resumePointIn } from "./event_recovery.ts";
import type { JobDirectory } from "../job_directory.ts";
import { type ResumePoint, writeStoredEvent } from "./stored_event.ts";

/** An event, and its place in the raw output of its turn. Places must not descend within a turn. */
export interface EventEntry {
  readonly raw: number | null;
  readonly body: EventBody;
  /** As of `StoredHead`. */
  readonly err?: number;
}

export class EventLog implements Disposable {
  readonly #jobId: string;
  readonly #eventsPath: string;
  readonly #clock: Clock;
  readonly #events: AppendFile;
  readonly #output: AppendFile;
  #lastSeq: number;
  #lastEventAt: number | null;

  private constructor(directory: JobDirectory, clock: Clock, recovery: Recovery) {
    this.#jobId = directory.id;
    this.#eventsPath = directory.eventsFile;
    this.#clock = clock;
    this.#events = new AppendFile(directory.eventsFile, recovery.eventsBytes);
    try {
      this.#output = new AppendFile(directory.outputFile, recovery.outputBytes);
    } catch (error) {
      this.#events.close();
      throw error;
    }
    this.#lastSeq = recovery.last?.seq ?? 0;
    this.#lastEventAt = recovery.last === null ? null : Date.parse(recovery.last.time);
  }

  /**
   * Opens the log of a job, creating the files where they are missing. Takes away what a crash has left half written.
   * A directory has at most one open log at a time.
   *
   * @throws what the file system says; an error of `isTakenAway` where something else is in the place of a file
   */
  static open(directory: JobDirectory, clock: Clock): EventLog {
    for (const path of [directory.eventsFile, directory.outputFile]) {
      refuseOthers(path);
      Deno.openSync(path, { write: true, create: true, mode: PRIVATE_FILE_MODE }).close();
    }
    return new EventLog(directory, clock, recover(directory));
  }

  /** Number of the newest event; 0 when there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Epoch ms. */
  get lastEventAt(): number | null {
    return this.#lastEventAt;
  }

  /**
   * The place of the turn's last event that has one: who reads the raw output again from its beginning has nothing to
   * append before that place, and at it only what follows the first `count` events.
   */
  resumePoint(turn: number): ResumePoint | null {
    return resumePointIn(this.#eventsPath, turn);
  }

  /** How many events of the turn came from its stderr. */
  eventsOfErrors(turn: number): number {
    return eventsOfErrorsIn(this.#eventsPath, turn);
  }

  /**
   * Numbers the events and writes them, all or none.
   *
   * @throws {AgentAsyncError} `disk_full`, or `internal` for another failure of the disk; nothing was recorded, and
   * the same call can be made again
   */
  append(turn: number, entries: readonly EventEntry[]): void {
    if (entries.length === 0) return;
    const now = this.#clock.now();
    const time = isoTime(now);
    let lines = "";
    let text = "";
    let out = this.#output.length;
    let seq = this.#lastSeq;
    for (const { raw, body, err } of entries) {
      const rendered = renderEvent(body);
      text += rendered;
      out += Buffer.byteLength(rendered);
      lines += writeStoredEvent({ seq: ++seq, turn, time, raw, out, err }, body);
    }
    this.#write(text, lines);
    this.#lastSeq = seq;
    this.#lastEventAt = now;
  }

  close(): void {
    this.#events.close();
    this.#output.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The transcript first: recovery can cut what has no event, but not write what is missing. */
  #write(text: string, lines: string): void {
    const outputBefore = this.#output.length;
    const eventsBefore = this.#events.length;
    try {
      this.#output.append(text);
      this.#events.append(lines);
    } catch (error) {
      this.#events.cut(eventsBefore);
      this.#output.cut(outputBefore);
      throw writeFailure(this.#jobId, error);
    }
  }
}

/** To open a FIFO that an agent has put there, and that nobody reads, would never return. */
function refuseOthers(path: string): void {
  if (ifExists(() => Deno.statSync(path).isFile) === false) {
    throw new Deno.errors.NotFound(`${path} is no file`);
  }
}

function writeFailure(jobId: string, error: unknown): AgentAsyncError {
  const doing = `record the events of job ${jobId}`;
  const fault = diskFault(error, doing);
  if (fault === null) {
    return new AgentAsyncError("internal", `Cannot ${doing}: ${messageOf(error)}`, { cause: error });
  }
  const hint = "Mend the disk or free some space; the job goes on and its events are not lost.";
  return new AgentAsyncError(fault.code, fault.message, { hint, cause: error });
}
