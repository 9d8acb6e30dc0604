/**
 * Room `scheduler`: opens the talk of a two-way turn with the output that it is held in.
 *
 * @module
 */
import type { LiveTalk } from "../../agents/begun_driver.ts";
import { type Job, openQuestions } from "../../domain/job/job.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import type { TurnProcess } from "../../kernel/turn_process.ts";
import type { Processes } from "../../system/processes/processes.ts";
import type { TurnChanges } from "../turn/changes/turn_changes.ts";
import { TurnOutput } from "../turn/output.ts";
import type { TurnOutputOptions } from "../turn/output_options.ts";
import { Conversation } from "./conversation.ts";
import { TalkRecord } from "./talk_record.ts";
import { TurnTalk } from "./turn_talk.ts";

/** The caller closes both. @throws what the file system says; then nothing is left open */
export function openTalk(
  source: Omit<TurnOutputOptions, "reader" | "talk">,
  { live, context }: LiveTalk,
  { job, processes, changes = null, run }: {
    job: Job;
    processes: Processes;
    changes?: TurnChanges | null | undefined;
    run: { files: TurnDirectory; process: TurnProcess };
  },
): { output: TurnOutput; conversation: Conversation } {
  const { clock } = source;
  const record = new TalkRecord(run.files);
  try {
    const reader = live.talk(context);
    const known = new Map(openQuestions(job).map(({ question_id, asked_at }) => [question_id, asked_at]));
    const talk = new TurnTalk({
      talk: reader,
      turn: job.turn,
      record,
      clock,
      askedAt: (id) => known.get(id),
    });
    const output = new TurnOutput({ ...source, reader, talk });
    const { files, process } = run;
    const conversation = new Conversation({
      jobId: job.id,
      live,
      talk,
      output,
      files,
      process,
      processes,
      changes,
      clock,
    });
    return { output, conversation };
  } catch (error) {
    record[Symbol.dispose]();
    throw error;
  }
}
