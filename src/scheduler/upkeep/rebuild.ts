/**
 * Room `scheduler`: reads job records from job directories, for when the store cannot be read or has lost some. Rule of
 * this file: only files that this user owns are believed. A link, or a directory of another user, could name that
 * user's programs to be run.
 *
 * @module
 */
import * as z from "zod";
import { Job } from "../../domain/job/job.ts";
import { opened } from "../../domain/reading/opened.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { faultOf, isUnreadable, unreadableJob } from "../../domain/job/unreadable_job.ts";
import { replyKey, type TurnOutcome } from "../../domain/turn/turn.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { JobRecords, RecordedJob } from "../../store/job_store.ts";
import { MAX_VALUE_BYTES } from "../../store/records/codec.ts";
import { ifOurs } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { Log } from "../../system/log.ts";
import { foreignPart } from "../turn/foreign_part.ts";
import { readOutcome, readRequest } from "../turn/files.ts";

/**
 * The records that the job directories hold. A directory that cannot be believed is logged and left as it is. So is one
 * whose record cannot be read, but its job is told as unreadable.
 */
export function jobRecords(directories: JobDirectories, log: Log): JobRecords {
  return {
    ids() {
      const removed = new Set(directories.notedRemovals());
      return directories.ids().filter((id) => !removed.has(id));
    },
    changedSince: (at, options) => directories.changedSince(at, options),
    read(id) {
      const directory = directories.job(id);
      const foreign = foreignPart(directory);
      if (foreign !== null) {
        log.error("a job directory is not this user's own, and is left as it is", { job: id, ...foreign });
        return null;
      }
      // A directory without a record file is not worth a log line: its job was never accepted, as after a crash.
      const job = readJob(directory);
      if (job === null) return null;
      if (isUnreadable(job)) {
        const error = "error" in job.state ? job.state.error : undefined;
        log.error("the record of a job cannot be read: its directory is kept as it is", { job: id, error });
        return { job, replies: [] };
      }
      return recorded(advanced(job, directory), directory);
    },
  };
}

function recorded(job: Job, directory: JobDirectory): RecordedJob {
  return { job, replies: repliesTo(job, directory) };
}

/** The request keys of the job's replies: without them, a reply that is sent again would run again. */
function repliesTo(job: Job, directory: JobDirectory): RecordedJob["replies"] {
  const replies: { key: string; turn: number }[] = [];
  for (let turn = 2; turn <= job.last_turn; turn++) {
    const key = readRequest(directory.turn(turn))?.request_key ?? null;
    if (key !== null) replies.push({ key: replyKey(job.id, key), turn });
  }
  return replies;
}

/** The job in the record file; `null` when there is no such file, or the job was never accepted. */
function readJob(directory: JobDirectory): Job | null {
  const text = readTextIfOurs(directory.recordFile);
  if (text === null) return null;
  const record = parsedJson(text);
  const read = opened(Job).safeParse(record);
  const number = z.object({ number: z.unknown() }).safeParse(record).data?.number;
  if (number === 0) return null;
  if (record === undefined) return unreadable(directory, null, "its record is not whole JSON");
  if (!read.success) return unreadable(directory, record, faultOf(read.error));
  if (read.data.id !== directory.id) {
    return unreadable(directory, null, "its record is that of another job");
  }
  return text.length > MAX_VALUE_BYTES
    ? unreadable(directory, record, "its record is too long for the store")
    : read.data;
}

function unreadable({ id, recordFile }: JobDirectory, record: unknown, fault: string): Job {
  const job = unreadableJob(id, record, fault);
  // The record file is written at each change, so its time is that of the last one at the latest.
  const writtenAt = ifOurs(() => Deno.lstatSync(recordFile).mtime?.getTime() ?? null) ?? 0;
  return job.created_at > 0 ? job : { ...job, created_at: writtenAt };
}

/**
 * The record at the latest turn with an outcome. A turn that has ended was accepted, whatever a record says that was
 * written before.
 */
function atLatestTurn(job: Job, directory: JobDirectory): Job {
  const ended = (ifOurs(() => directory.turns()) ?? []).filter((turn) => turn > job.turn)
    .flatMap((turn) => readOutcome(directory.turn(turn)) ?? []);
  const last = ended.at(-1);
  if (last === undefined) return job;
  const { turn, agent } = last;
  return {
    ...job,
    agent,
    turn,
    previous_turn: ended.at(-2)?.turn ?? job.turn,
    last_turn: Math.max(job.last_turn, turn),
    queue: job.queue.filter((waiting) => waiting > turn),
    approval_policy: readRequest(directory.turn(turn))?.approval_policy ?? job.approval_policy,
    session_id: last.session_id ?? job.session_id,
    started_at: job.started_at ?? last.started_at,
    summary: null,
    // Adoption then finishes it as the outcome says.
    state: { status: "running", since: last.started_at ?? last.finished_at, stop: null },
  };
}

/**
 * The record, brought up to date by the turn's files. A pending job whose turn has started becomes running. So does one
 * whose turn has ended: adoption then finishes it.
 */
function advanced(written: Job, directory: JobDirectory): Job {
  const job = atLatestTurn(written, directory);
  if (job.state.status !== "pending") return job;
  const turn = directory.turn(job.turn);
  const outcome: TurnOutcome | null = readOutcome(turn);
  const begun = ifOurs(() => Deno.lstatSync(turn.pidFile).mtime?.getTime() ?? null);
  if (outcome === null && begun === null) return job;
  const since = outcome?.started_at ?? begun ?? job.created_at;
  return { ...job, started_at: job.started_at ?? since, state: { status: "running", since, stop: null } };
}
