/**
 * Room `scheduler`: what others may ask of a running two-way turn.
 *
 * @module
 */
import type {
  Answer,
  AskedQuestion,
  OpenQuestion,
  Question,
  QuestionEnd,
} from "../../domain/question/question.ts";

/** An answer, and who gives it. */
export interface GivenAnswer {
  /** Needed where more than one question is open. */
  question_id?: string | undefined;
  answer: Answer;
  /** In a few words, as others read it: "the command line", "Claude Code". */
  by: string;
  /** The caller's own: the same answer, sent again with the same key, is no second one. */
  key?: string | undefined;
}

/** What the agent of a running turn is to consider, beside what it works on. */
export interface GivenSteer {
  /** Unique in the job: what was said under a key is not said again. */
  key: string;
  text: string;
  by: string;
}

/** Begins the keys of what agent-async itself says to an agent. What came too late of that needs no turn of its own. */
export const ADVICE_KEY = "agent-async advice: ";

/** `injected`: the running model call goes on with it. `queued`: the agent takes it after what it is doing. */
export type Delivered = "injected" | "queued";

/** How a question was settled. */
export interface Settled {
  question: Question;
  end: QuestionEnd;
  by: string;
  option?: string | undefined;
  text?: string | undefined;
  /** The key of the answer that settled it. */
  key?: string | undefined;
}

export interface LiveTurn {
  /** Resolves when all is known that the agent had printed, and an earlier daemon had put in. Never rejects. */
  readonly ready: Promise<void>;
  /** Settles when the agent has its prompt, or will not get it. */
  readonly prompt: { readonly settled: Promise<void> };
  /** In the order of asking. */
  readonly open: readonly OpenQuestion[];
  /** A question that was asked in this turn, whether it is open or not. */
  question(id: string): AskedQuestion | null;
  /** `null` for a question that is open or was never asked. */
  settled(id: string): Settled | null;
  /** Resolves when the answer is in the journal. @throws {AgentAsyncError} when the journal cannot be written; then nothing is answered */
  answer(id: string, given: GivenAnswer): Promise<void>;
  /** @returns `null` when the agent can only be interrupted */
  steer(given: GivenSteer): Promise<Delivered | null>;
  /** What becomes of what was said under this key. */
  delivered(key: string): Promise<Delivered>;
}
