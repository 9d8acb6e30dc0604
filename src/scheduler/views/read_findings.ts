/**
 * Room `scheduler`: reads what a job result needs besides the record, from the running turn or the job's directory.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { findingsOf, type JobFindings } from "../../domain/job/findings.ts";
import { OUTPUT_CHARS } from "../../domain/job/result.ts";
import { NOTHING_RUN, NOTHING_TOLD } from "../../domain/turn/turn.ts";
import { lastSeq, transcriptTail } from "../../kernel/events/event_reader.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { Supervisor } from "../supervisor.ts";
import { readOutcome, readPreviousOutcome } from "../turn/files.ts";

/** Characters of `output` reserved for the notice that it was cut. */
const NOTICE_CHARS = 300;

export function readFindings(
  job: Job,
  tailLines: number,
  sources: { directories: JobDirectories; supervisor: Supervisor },
): JobFindings {
  const directory = sources.directories.job(job.id);
  const run = sources.supervisor.run(job.id);
  const output = outputTail(directory, tailLines);
  // Once the end of a turn is committed its outcome counts, even if its watch has not closed yet.
  const present = run?.job.turn === job.turn ? run : null;
  if (present !== null && job.state.status === "running") {
    return {
      result: present.output.result,
      output,
      totals: present.totals,
      possiblyTruncated: present.output.possiblyTruncated,
      sessionId: present.output.tally.sessionId,
      cursor: present.output.lastSeq,
      pid: present.process.agentPid(),
    };
  }
  const outcome = present?.outcome ?? readOutcome(directory.turn(job.turn));
  const cursor = present?.output.lastSeq ?? lastSeq(directory);
  if (outcome !== null) return { ...findingsOf(outcome), output, cursor };
  const before = readPreviousOutcome(directory, job);
  return {
    result: null,
    output,
    // What began and left no word yet may have used and changed anything; what waits for its start has not.
    totals: before?.totals ?? (job.started_at === null ? NOTHING_RUN : NOTHING_TOLD),
    possiblyTruncated: false,
    sessionId: null,
    cursor,
  };
}

function outputTail(directory: JobDirectory, lines: number): string {
  const { text, cut } = transcriptTail(directory, lines, OUTPUT_CHARS - NOTICE_CHARS);
  // The notice goes on the first line, so that the caller gets no more lines than it asked for.
  return cut && lines > 0
    ? `[earlier output was cut; the whole is in ${directory.outputFile}] ${text}`
    : text;
}
