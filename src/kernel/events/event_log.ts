/**
 * Room `kernel`: writes down what an agent did, as events for programs and as a transcript for people. When this
 * process is killed at any instant, opening the log again brings both files back to the same whole event.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { diskFault } from "../../domain/disk_fault.ts";
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import { isoTime } from "../../domain/job/ids.ts";
import { renderEvent } from "../../domain/event/transcript.ts";
import type { Clock } from "../../system/clock.ts";
import { ifExists } from "../../system/files/files.ts";
import { isThere } from "../../system/files/is_there.ts";
import { AppendFile } from "./append_file.ts";
import { eventsOfErrorsIn, NO_EVENTS, recover, type Recovery, resumePointIn } from "./event_recovery.ts";
import type { JobDirectory } from "../job_directory.ts";
import { type ResumePoint, writeStoredEvent } from "./stored_event.ts";

/** An event to be recorded. Within a turn, its place must not come before that of the event recorded last. */
export interface EventEntry {
  /** Offset in the turn's raw output of the line that the event came from; see `StoredHead`. */
  readonly raw: number | null;
  /** Number of the journal's entry that it came from, if it did. */
  readonly input?: number;
  readonly body: EventBody;
  /** How many of the turn's events up to this one came from its stderr; only where stderr is read too. */
  readonly err?: number;
}

/** The open log of one job. It owns both files until it is closed. */
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
   * Opens the log of a job, creating missing files and cutting off what a crash has left half written. The caller makes
   * sure that a job has only one open log.
   *
   * @throws what the file system says; `Deno.errors.NotFound` when something that is no file is in a file's place
   */
  static open(directory: JobDirectory, clock: Clock): EventLog {
    for (const path of [directory.eventsFile, directory.outputFile]) refuseOthers(path);
    return new EventLog(directory, clock, isThere(directory.eventsFile) ? recover(directory) : NO_EVENTS);
  }

  /** Sequence number of the newest event; 0 when there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** When the newest event was recorded, in epoch ms; `null` when there is none. */
  get lastEventAt(): number | null {
    return this.#lastEventAt;
  }

  /**
   * How far the turn's raw output has been recorded, for one who reads it again from the beginning. Events of lines
   * before offset `raw` are all recorded, and so are the first `count` events of the line or journal entry at that
   * place. `null` when the turn has no event from its raw output.
   */
  resumePoint(turn: number): ResumePoint | null {
    return this.#lastSeq === 0 ? null : resumePointIn(this.#eventsPath, turn);
  }

  /** How many recorded events of the turn came from its stderr. */
  eventsOfErrors(turn: number): number {
    return this.#lastSeq === 0 ? 0 : eventsOfErrorsIn(this.#eventsPath, turn);
  }

  /**
   * Gives the events their sequence numbers and writes them, all or none.
   *
   * @throws {AgentAsyncError} `disk_full` or `disk_fault` for a failure of the disk, else `internal`. Then nothing was
   * recorded, and the same call can be made again.
   */
  append(turn: number, entries: readonly EventEntry[]): void {
    if (entries.length === 0) return;
    const now = this.#clock.now();
    const time = isoTime(now);
    let lines = "";
    let text = "";
    let out = this.#output.length;
    let seq = this.#lastSeq;
    for (const { raw, input, body, err } of entries) {
      const rendered = renderEvent(body);
      text += rendered;
      out += Buffer.byteLength(rendered);
      lines += writeStoredEvent({ seq: ++seq, turn, time, raw, input, out, err }, body);
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

  /**
   * Writes the transcript before the events. After a crash in between, recovery only cuts the transcript. The other way
   * round it would have to render all of it again.
   */
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

/** Throws when the path is no regular file: an agent may have put a FIFO there, and to open one can block for ever. */
function refuseOthers(path: string): void {
  if (isThere(path) && ifExists(() => Deno.statSync(path).isFile) === false) {
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
