/**
 * Room `domain`: the schema of what happened in an event, for whoever makes one or reads it from a file. Apart from the
 * types of events, which are all that a front-end needs.
 *
 * @module
 */
import * as z from "zod";
import { AskedQuestion, QuestionEnd } from "../question/question.ts";
import { Usage } from "../turn/usage.ts";

/** How far an action has come. `declined`: refused by a sandbox, a policy or a reviewer. */
export const ActionState = z.enum(["started", "completed", "failed", "declined"]);
export type ActionState = z.infer<typeof ActionState>;

/** Set on an action that still ran when its turn ended, and was ended with it. */
const Ended = z.literal(true).optional();

export const FileChange = z.object({
  path: z.string(),
  kind: z.enum(["add", "update", "delete"]),
});
export type FileChange = z.infer<typeof FileChange>;

/** What happened, without its number, turn and time. */
export const EventBody = z.discriminatedUnion("type", [
  /** The agent's own session: its id continues the conversation in a later turn. */
  z.object({ type: z.literal("session"), session_id: z.string(), model: z.string().optional() }),
  z.object({ type: z.literal("message"), text: z.string() }),
  z.object({ type: z.literal("reasoning"), text: z.string() }),
  z.object({
    type: z.literal("command"),
    /** Ties `started` to its end; unique within a turn. */
    id: z.string(),
    state: ActionState,
    command: z.string(),
    exit_code: z.number().int().optional(),
    output: z.string().optional(),
    ended: Ended,
  }),
  z.object({
    type: z.literal("file_change"),
    id: z.string(),
    state: ActionState,
    changes: z.array(FileChange),
    ended: Ended,
  }),
  z.object({
    type: z.literal("tool_call"),
    id: z.string(),
    state: ActionState,
    /** The MCP server, when the tool belongs to one. */
    server: z.string().optional(),
    tool: z.string(),
    arguments: z.unknown().optional(),
    result: z.string().optional(),
    error: z.string().optional(),
    ended: Ended,
  }),
  z.object({ type: z.literal("web_search"), id: z.string(), query: z.string() }),
  z.object({
    type: z.literal("plan"),
    items: z.array(z.object({ text: z.string(), done: z.boolean() })),
  }),
  z.object({
    type: z.literal("usage"),
    /** Of this turn alone. */
    usage: Usage,
    /** Usage of the whole session, from agents that report that. The next turn's usage is the difference to it. */
    session_usage: Usage.optional(),
    /** The turn goes on: counted while it works. A later one takes its place. */
    so_far: z.literal(true).optional(),
  }),
  z.object({ type: z.literal("warning"), message: z.string() }),
  /** `transient`: the agent is still trying, and nothing has failed yet. */
  z.object({ type: z.literal("error"), message: z.string(), transient: z.boolean() }),
  /** The agent asks something, and goes on when it is answered. */
  AskedQuestion.extend({ type: z.literal("question") }),
  /** A question was settled. `by`: who did it, in a few words. */
  z.object({
    type: z.literal("answer"),
    question_id: z.string(),
    end: QuestionEnd,
    option: z.string().optional(),
    text: z.string().optional(),
    by: z.string(),
  }),
  /** A check of the user's on the agent's work. */
  z.object({
    type: z.literal("check"),
    state: z.enum(["started", "passed", "failed"]),
    command: z.string(),
    /** 1 for the first run after the agent's work, one more after each repair. */
    attempt: z.number().int().positive(),
    exit_code: z.number().int().nullable().optional(),
    seconds: z.number().optional(),
    /** The end of what it printed. */
    output: z.string().optional(),
  }),
  /** Written by agent-async itself: a turn begins, ends, waits or is handed over to another agent. */
  z.object({ type: z.literal("status"), state: z.string(), message: z.string() }),
  /** A line that the driver does not know: agents change weekly, and nothing is thrown away. */
  z.object({ type: z.literal("raw"), text: z.string() }),
]);
export type EventBody = z.infer<typeof EventBody>;
