/**
 * Room `domain`: what callers see of a job: the result, and the brief for lists. Tools, command line and wire all use
 * these schemas, so a field keeps its name.
 *
 * @module
 */
import * as z from "zod";
import { Evidence } from "./findings.ts";
import { JobId } from "./ids.ts";
import { JobMoney } from "./money.ts";
import { ApprovalPolicy } from "../agent/policy.ts";
import { BriefQuestion, Question } from "../question/question.ts";
import { JobStatus, Reason } from "./reason.ts";
import { Usage } from "../turn/usage.ts";

/** Most characters of the prompt in a brief. */
export const BRIEF_PROMPT_CHARS = 80;

/** Most characters of `output` in a job result, whatever `tail_lines` asks for. */
export const OUTPUT_CHARS = 8_000;

const IsoTime = z.string();

/** Of a job whose changes wait to be taken over; absent for every other. */
const UnappliedWork = z.literal("not_applied");

export const Brief = z.object({
  job_id: JobId,
  agent: z.string(),
  /** As the start has it. */
  title: z.string().optional(),
  status: JobStatus,
  reason: Reason.optional(),
  prompt: z.string(),
  cwd: z.string(),
  created_at: IsoTime,
  started_at: IsoTime.nullable(),
  finished_at: IsoTime.nullable(),
  /** What a pending job waits for. */
  waiting_for: z.string().optional(),
  /** What the agent of a running job is doing, in words. */
  activity: z.string().optional(),
  /** What it asks, where it asks something. */
  asking: z.array(BriefQuestion).optional(),
  parent: JobId.optional(),
  /** Shared by jobs that were started together. */
  group: JobId.optional(),
  /** What an ended job changed in a place of its own waits to be taken over. */
  work: UnappliedWork.optional(),
});
export type Brief = z.infer<typeof Brief>;

export const JobPlace = z.object({
  isolation: z.literal("worktree"),
  /** Where the turns work; `null` when the place is not made yet, or was discarded. */
  path: z.string().nullable(),
  branch: z.string().nullable(),
  /** Whether all changes of the job were taken over. */
  applied: z.boolean(),
});
export type JobPlace = z.infer<typeof JobPlace>;

export const JobResult = z.object({
  job_id: JobId,
  agent: z.string(),
  /** As the start has it. */
  title: z.string().optional(),
  status: JobStatus,
  reason: Reason.optional(),
  exit_code: z.number().int().nullable(),
  /** The agent's final message. */
  result: z.string().nullable(),
  /** The same as data, valid by the schema that was asked for; absent where there is none. */
  result_json: z.unknown().optional(),
  /** The end of the transcript. */
  output: z.string(),
  error: z.string().optional(),
  hint: z.string().optional(),
  retry_at: IsoTime.optional(),
  /** `null` where the agent does not report them. */
  files_changed: z.array(z.string()).nullable(),
  /** `null` where the agent does not report them. */
  commands_run: z.number().int().nullable(),
  usage: Usage,
  /** What it cost, by price where its agent tells none; only for who asks for it. */
  money: JobMoney.optional(),
  /** Of how many turns the tokens are known; absent when they are of all that ran. */
  usage_known: z.number().int().optional(),
  possibly_truncated: z.boolean(),
  /** What supports the outcome or casts doubt on it; only for a finished job. */
  evidence: Evidence.optional(),
  /** The place of its own that the job worked in; absent for one that worked in `cwd`. */
  place: JobPlace.optional(),
  /** What an ended job changed in a place of its own waits to be taken over. */
  work: UnappliedWork.optional(),
  session_id: z.string().nullable(),
  turn: z.number().int(),
  /** Replies that wait for the present turn. */
  queued_replies: z.number().int().optional(),
  cwd: z.string(),
  approval_policy: ApprovalPolicy,
  prompt: z.string(),
  summary: z.string().optional(),
  waiting_for: z.string().optional(),
  activity: z.string().optional(),
  /** What it asks, where it asks something. */
  questions: z.array(Question).optional(),
  /** Pid of the agent's own process, while it runs. */
  pid: z.number().int().optional(),
  last_event_at: IsoTime.optional(),
  parent: JobId.optional(),
  /** Shared by jobs that were started together. */
  group: JobId.optional(),
  created_at: IsoTime,
  started_at: IsoTime.nullable(),
  finished_at: IsoTime.nullable(),
  /** From `started_at` to `finished_at`, or to now: with several turns, the idle time between them too. */
  duration_seconds: z.number().nullable(),
  /** Number of the newest event: reading after it gives the events still to come. */
  cursor: z.number().int(),
});
export type JobResult = z.infer<typeof JobResult>;

/** The first `chars` characters on one line, with an ellipsis where more follows; never half a surrogate pair. */
export function preview(text: string, chars: number): string {
  const characters: string[] = [];
  for (const [word] of text.matchAll(/\S+/g)) {
    if (characters.length > 0) characters.push(" ");
    for (const character of word) {
      characters.push(character);
      if (characters.length > chars) return `${characters.slice(0, chars - 1).join("")}…`;
    }
  }
  return characters.join("");
}
