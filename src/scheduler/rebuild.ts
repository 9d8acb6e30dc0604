/**
 * Room `scheduler`: job records from job directories, for the day the store cannot be read.
 *
 * @module
 */
import { Job } from "../domain/job.ts";
import { replyKey } from "../domain/turn.ts";
import type { JobDirectories } from "../kernel/job_directories.ts";
import { readTextIfOurs } from "../system/files.ts";
import type { RecordedJob } from "../store/job_store.ts";
import type { Log } from "../system/log.ts";
import { readRequest } from "./turn_files.ts";

/** Every job whose directory still tells of it, oldest first. One that cannot be read is named in the log. */
export async function* rebuildJobs(directories: JobDirectories, log: Log): AsyncIterable<RecordedJob> {
  const jobs: Job[] = [];
  for (const id of directories.ids()) {
    const job = readJob(directories, id);
    if (job === null) log.error("a job directory holds no readable record", { job: id });
    else jobs.push(job);
  }
  jobs.sort((a, b) => a.number - b.number || a.created_at - b.created_at);
  for (const job of jobs) yield { job, replies: repliesTo(job, directories) };
}

/** Without their keys a reply that is made again would be run again. */
function repliesTo(job: Job, directories: JobDirectories): RecordedJob["replies"] {
  const replies: { key: string; turn: number }[] = [];
  for (let turn = 2; turn <= job.last_turn; turn++) {
    const key = readRequest(directories.job(job.id).turn(turn))?.request_key ?? null;
    if (key !== null) replies.push({ key: replyKey(job.id, key), turn });
  }
  return replies;
}

function readJob(directories: JobDirectories, id: string): Job | null {
  const text = readTextIfOurs(directories.job(id).recordFile);
  if (text === null) return null;
  let job: Job;
  try {
    job = Job.parse(JSON.parse(text));
  } catch {
    return null;
  }
  if (job.id !== id) return null;
  // A record that is older than its turn's outcome is running still: adoption concludes it, with what follows.
  return job;
}
