/**
 * Room `scheduler`: the inputs of a talk as entries of its journal.
 *
 * @module
 */
import * as z from "zod";
import { diskFault } from "../../domain/disk_fault.ts";
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import { Answer } from "../../domain/question/question.ts";
import { type JournalEntry, readJournal } from "../../kernel/channel/journal.ts";

const kind = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, payload: Shape) =>
  z.object({ kind: z.literal(kind), payload: z.object(payload) });

/**
 * What is put into a talk, and by whom. Beside the inputs that a talk knows, three of our own: at `pause` it gives what
 * it has held back, `clock` only keeps how long the turn's clocks have stood still, and `withheld` keeps the prompt until
 * it may be said.
 */
export const JournaledInput = z.discriminatedUnion("kind", [
  kind("open", {}),
  kind("prompt", { text: z.string() }),
  kind("withheld", { text: z.string() }),
  kind("answer", { question_id: z.string(), answer: Answer, by: z.string(), key: z.string().optional() }),
  kind("refuse", {
    question_id: z.string(),
    why: z.string(),
    end: z.enum(["rejected", "superseded"]),
    by: z.string(),
  }),
  kind("steer", {
    key: z.string(),
    text: z.string(),
    by: z.string(),
    /** The open questions in whose place it is said. */
    supersedes: z.array(z.string()).optional(),
  }),
  kind("interrupt", {}),
  kind("tick", {}),
  kind("pause", {}),
  kind("clock", {}),
]);
export type JournaledInput = z.infer<typeof JournaledInput>;

export type Refusal = Extract<JournaledInput, { kind: "refuse" }>["payload"];
type AnswerPayload = Extract<JournaledInput, { kind: "answer" }>["payload"];

/** Why a question is refused in whose place something else is said; the agent is told. */
export const SUPERSEDED = "the user has said something else instead";

/** The input of an entry; `null` for what was said, and for a kind that only a later version knows. */
export function inputOf({ kind, payload = {} }: JournalEntry): JournaledInput | null {
  return JournaledInput.safeParse({ kind, payload }).data ?? null;
}

/** The entry's members for an input. */
export function entryOf({ kind, payload }: JournaledInput): Pick<JournalEntry, "kind" | "key" | "payload"> {
  const key = "question_id" in payload ? payload.question_id : "key" in payload ? payload.key : undefined;
  return {
    kind,
    ...(key === undefined ? {} : { key }),
    ...(Object.keys(payload).length === 0 ? {} : { payload }),
  };
}

/** The answers in a turn's journal, in the order in which they were given. @param naming as of `readJournal` */
export function answersIn(journalFile: string, { naming }: { naming: string }): AnswerPayload[] {
  return readJournal(journalFile, { naming }).flatMap((entry) => {
    const input = inputOf(entry);
    return input?.kind === "answer" ? [input.payload] : [];
  });
}

/** What is told to a caller whose input could not be written down. @param doing what the caller wanted, as "answer x" */
export function inputFailure(error: unknown, doing: string): AgentAsyncError {
  const { code = "internal", message = `Cannot ${doing}: ${messageOf(error)}` } = diskFault(error, doing) ??
    {};
  return new AgentAsyncError(code, message, { cause: error });
}
