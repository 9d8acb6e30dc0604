/**
 * Room `scheduler`: job records from job directories, for the day the store cannot be read or has forgotten something.
 * Rule of this file: only what this user has written is believed. A directory of somebody else's, or a link, could name
 * programs of his to be run.
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
      // Without a record it was never accepted: a start that the daemon did not live to finish.
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

/** Without their keys a reply that is made again would be run again. */
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
 * The record with what the turn's files prove beyond it: one that has begun is running, and one that has ended too, since
 * adoption concludes it with all that follows.
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
