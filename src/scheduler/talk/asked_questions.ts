/**
 * Room `scheduler`: the questions of one turn, open and settled, and the events that tell of them. Pure: what is asked
 * and settled in the same order gives the same events.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { EventBody } from "../../domain/event/event_body.ts";
import { type EpochMs, isoTime } from "../../domain/job/ids.ts";
import type { Answer, AskedQuestion, OpenQuestion, QuestionEnd } from "../../domain/question/question.ts";
import type { Settled } from "./live_turn.ts";

/** Ids of agents that are shown and kept as they are; of others there is a digest. */
const PLAIN_ID = /^[\x21-\x7e]{1,200}$/;

interface Asked {
  /** The agent's own id. */
  readonly agentId: string;
  readonly question: AskedQuestion;
  readonly askedAt: EpochMs;
  settled: Settled | null;
}

/** How a question is settled. */
export interface Settlement extends Answer {
  readonly end: QuestionEnd;
  /** Who settles it, in a few words. */
  readonly by: string;
  /** The caller's own key. */
  readonly key?: string | undefined;
}

export class AskedQuestions {
  /** By their ids in the job. */
  readonly #asked = new Map<string, Asked>();

  /**
   * @param turn number of the turn, which stands before each id
   * @param now epoch ms at which the question with this id was, or is, asked
   */
  constructor(private readonly turn: number, private readonly now: (id: string) => EpochMs) {}

  /** Takes a question of the agent's. Returns its event; nothing for one that was asked already. */
  ask({ question_id, ...rest }: AskedQuestion): EventBody[] {
    const id = this.#idOf(question_id);
    if (this.#asked.has(id)) return [];
    const question = { question_id: id, ...rest };
    this.#asked.set(id, { agentId: question_id, question, askedAt: this.now(id), settled: null });
    return [{ type: "question", ...question }];
  }

  /** Settles an open question. Returns the event of it; nothing for one that is not open. */
  settle(id: string, { end, by, option, text, key }: Settlement): EventBody[] {
    const asked = this.#asked.get(id);
    if (asked === undefined || asked.settled !== null) return [];
    const question = { ...asked.question, asked_at: isoTime(asked.askedAt) };
    asked.settled = { question, end, by, option, text, key };
    const given = { ...(option === undefined ? {} : { option }), ...(text === undefined ? {} : { text }) };
    return [{ type: "answer", question_id: id, end, ...given, by }];
  }

  /** The agent asks no longer. @param agentId its own id of the question */
  withdraw(agentId: string): EventBody[] {
    return this.settle(this.#idOf(agentId), { end: "withdrawn", by: "the agent" });
  }

  question(id: string): AskedQuestion | null {
    return this.#asked.get(id)?.question ?? null;
  }

  settled(id: string): Settled | null {
    return this.#asked.get(id)?.settled ?? null;
  }

  /** The agent's own id of a question. */
  agentId(id: string): string {
    return this.#asked.get(id)?.agentId ?? "";
  }

  /** In the order of asking. */
  get open(): OpenQuestion[] {
    return [...this.#asked.values()].filter(({ settled }) => settled === null).map((
      { question, askedAt },
    ) => ({
      question_id: question.question_id,
      kind: question.kind,
      title: question.title,
      asked_at: askedAt,
    }));
  }

  /** One word of bounded length: it is kept in the job's record, and typed by people. */
  #idOf(agentId: string): string {
    const isPlain = PLAIN_ID.test(agentId);
    return `${this.turn}-${
      isPlain ? agentId : createHash("sha256").update(agentId).digest("hex").slice(0, 16)
    }`;
  }
}
