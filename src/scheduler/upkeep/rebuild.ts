/**
 * Room `scheduler`: reads job records from job directories, for when the store cannot be read or has lost some. Rule of
 * this file: only files that this user owns are believed. A link, or a directory of another user, could name that
 * user's programs to be run.
 *
 * @module
 */
import { Job } from "../../domain/job/job.ts";
import { opened } from "../../domain/reading/opened.ts";
import { replyKey, type TurnOutcome } from "../../domain/turn/turn.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { JobRecords, RecordedJob } from "../../store/job_store.ts";
import { ifOurs, readTextIfOurs } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { foreignPart } from "../turn/foreign_part.ts";
import { readOutcome, readRequest } from "../turn/files.ts";

/**
 * The records that the job directories hold. A directory that cannot be believed or read is logged and left as it is.
 */
export function jobRecords(directories: JobDirectories, log: Log): JobRecords {
  return {
    ids() {
      const removed = new Set(directories.notedRemovals());
      return directories.ids().filter((id) => !removed.has(id));
    },
    read(id) {
      const directory = directories.job(id);
      const foreign = foreignPart(directory);
      if (foreign !== null) {
        log.error("a job directory is not this user's own, and is left as it is", { job: id, ...foreign });
        return null;
      }
      const job = readJob(directory);
      // A directory without a record file is not worth a log line: its job was never accepted, as after a crash.
      if (job === null && readTextIfOurs(directory.recordFile) !== null) {
        log.error("a job directory holds no readable record", { job: id });
      }
      return job === null || job.number === 0 ? null : recorded(advanced(job, directory), directory);
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

function readJob(directory: JobDirectory): Job | null {
  const text = readTextIfOurs(directory.recordFile);
  if (text === null) return null;
  try {
    const job = opened(Job).parse(JSON.parse(text));
    return job.id === directory.id ? job : null;
  } catch {
    return null;
  }
}

/**
 * The record, brought up to date by the turn's files. A pending job whose turn has started becomes running. So does one
 * whose turn has ended: adoption then finishes it.
 */
function advanced(job: Job, directory: JobDirectory): Job {
  if (job.state.status !== "pending") return job;
  const turn = directory.turn(job.turn);
  const outcome: TurnOutcome | null = readOutcome(turn);
  const begun = ifOurs(() => Deno.lstatSync(turn.pidFile).mtime?.getTime() ?? null);
  if (outcome === null && begun === null) return job;
  const since = outcome?.started_at ?? begun ?? job.created_at;
  return { ...job, started_at: job.started_at ?? since, state: { status: "running", since, stop: null } };
}
