/**
 * Room `domain`: something that a running agent asks, and how it was settled. A driver makes an {@link AskedQuestion};
 * the job's record keeps an {@link OpenQuestion} as long as nobody has answered; callers see a {@link Question}.
 *
 * @module
 */
import * as z from "zod";
import { EpochMs, isoTime } from "../job/ids.ts";

/** Most questions that may be open in one job; further ones are rejected at once. */
export const MAX_OPEN_QUESTIONS = 20;

/** Most characters of a question's title. */
export const QUESTION_TITLE_CHARS = 200;

/** Most characters of a question's detail: the command, the diff, the arguments of a tool. */
export const QUESTION_DETAIL_CHARS = 20_000;

/**
 * `approval`: may the agent do this; its options allow or reject. `choice`: which of the options. `text`: an answer in
 * words; options, if there are any, are suggestions.
 */
export const QuestionKind = z.enum(["approval", "choice", "text"]);
export type QuestionKind = z.infer<typeof QuestionKind>;

export const QuestionOption = z.object({
  /** What an answer names; unique in its question. */
  id: z.string(),
  /** What people read. */
  label: z.string(),
  /** Of an approval: whether it lets the agent go on with what it asked for. */
  kind: z.enum(["allow", "reject"]).optional(),
});
export type QuestionOption = z.infer<typeof QuestionOption>;

/**
 * A question as a driver makes it. Options whose effect outlives the turn (always, for the whole session, a new rule)
 * are left out by the driver.
 */
export const AskedQuestion = z.object({
  /** Unique in its job: `<turn>-<the agent's own id of the request>`, the turn being prefixed by the scheduler. */
  question_id: z.string(),
  kind: QuestionKind,
  /** One line: what is asked. At most {@link QUESTION_TITLE_CHARS} characters. */
  title: z.string(),
  /** What the agent would do, as the program understood it, never the agent's reason alone; "" where there is no more. */
  detail: z.string(),
  options: z.array(QuestionOption),
});
export type AskedQuestion = z.infer<typeof AskedQuestion>;

/** What a job's record keeps of an open question; the whole is an event of the job. */
export const OpenQuestion = z.object({
  question_id: z.string(),
  kind: QuestionKind,
  title: z.string(),
  asked_at: EpochMs,
});
export type OpenQuestion = z.infer<typeof OpenQuestion>;

/** A question as callers see it. */
export const Question = AskedQuestion.extend({
  /** ISO 8601 UTC. */
  asked_at: z.string(),
});
export type Question = z.infer<typeof Question>;

/** A question in a list of jobs. */
export const BriefQuestion = Question.pick({ question_id: true, kind: true, title: true, asked_at: true });
export type BriefQuestion = z.infer<typeof BriefQuestion>;

export function briefQuestion({ asked_at, ...question }: OpenQuestion): BriefQuestion {
  return { ...question, asked_at: isoTime(asked_at) };
}

/**
 * How a question was settled. `answered`: somebody answered. `rejected`: nobody did in time, or too many were open.
 * `superseded`: the agent was given something else to do. `withdrawn`: the agent asks no longer. `closed`: its turn
 * ended.
 */
export const QuestionEnd = z.enum(["answered", "rejected", "superseded", "withdrawn", "closed"]);
export type QuestionEnd = z.infer<typeof QuestionEnd>;

/** What somebody answers: one of the question's options, or words, or both. */
export const Answer = z.object({
  option: z.string().optional(),
  text: z.string().optional(),
});
export type Answer = z.infer<typeof Answer>;
