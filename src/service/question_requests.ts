/**
 * Room `service`: what is asked about the questions of running jobs, and what is answered. As in `requests.ts`, field
 * names are the contract's.
 *
 * @module
 */
import * as z from "zod";
import { AgentName, JobId } from "../domain/job/ids.ts";
import { ApprovalPolicy } from "../domain/agent/policy.ts";
import { JobStatus } from "../domain/job/reason.ts";
import { Question } from "../domain/question/question.ts";
import { RequestKey } from "./request_key.ts";

/**
 * Who is behind a call: a person, at a terminal or in a dialog of the host's, or an assistant. The door says so; a
 * caller inside a job is never a person, whatever its door says.
 */
export const Asker = z.enum(["assistant", "person"]);
export type Asker = z.infer<typeof Asker>;

/** Names one question among those of all jobs. */
export function questionKey(jobId: string, questionId: string): string {
  return `${jobId}/${questionId}`;
}

/** Open questions of one job, in the order of asking. */
export const Asking = z.object({ job_id: JobId, questions: z.array(Question) });
export type Asking = z.infer<typeof Asking>;

export const QuestionsRequest = z.object({
  /** Only of these jobs; of all, unless given. */
  job_ids: z.array(JobId).max(500).optional(),
  as: Asker.default("assistant"),
});
export type QuestionsRequest = z.input<typeof QuestionsRequest>;

export const QuestionsResult = z.object({
  /** The job whose question is the oldest first. */
  asking: z.array(Asking.extend({
    agent: AgentName,
    title: z.string().optional(),
    prompt: z.string(),
    cwd: z.string(),
    approval_policy: ApprovalPolicy,
    /** Why this caller may not answer; absent when it may. */
    refusal: z.string().optional(),
  })),
});
export type QuestionsResult = z.infer<typeof QuestionsResult>;

export const AnswerRequest = z.object({
  job_id: JobId,
  /** Needed where more than one is open. */
  question_id: z.string().min(1).max(300).optional(),
  /** One of the question's options, by its id or its label. */
  option: z.string().min(1).max(1_000).optional(),
  text: z.string().max(20_000).optional(),
  as: Asker.default("assistant"),
  /** In a few words, who answers, for those who read it later. */
  by: z.string().max(100).optional(),
  request_key: RequestKey.optional(),
});
export type AnswerRequest = z.input<typeof AnswerRequest>;

export const AnswerReceipt = z.object({
  job_id: JobId,
  question_id: z.string(),
  answered: z.literal(true),
  status: JobStatus,
});
export type AnswerReceipt = z.infer<typeof AnswerReceipt>;
