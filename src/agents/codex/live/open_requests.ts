/**
 * Room `agents`: the requests of Codex's that nobody has answered yet.
 *
 * @module
 */
import type { Answer } from "../../../domain/question/question.ts";
import type { Reading } from "../../turn_reader.ts";
import type { Asked, Response } from "./asked.ts";
import { type Incoming, methodNotFound, type Params, reply, replyKey, type RequestId } from "./messages.ts";
import { askedBy } from "./requests.ts";
import type { Site } from "./words.ts";

export interface Settled {
  readonly reading: Reading;
  /** The item that is not carried out because of it. */
  readonly declined?: string | undefined;
  /** What was said beside an answer; the key is that of the question. */
  readonly remark?: { readonly key: string; readonly text: string } | undefined;
}

interface Open {
  readonly id: RequestId;
  readonly asked: Asked;
}

const NOTHING: Reading = { events: [] };

export class OpenRequests {
  readonly #site: Site;
  readonly #asksNobody: boolean;
  /** By the text of their ids. */
  readonly #open = new Map<string, Open>();
  /** Ids of requests that were answered, whose resolution acknowledges it. */
  readonly #answered = new Set<string>();

  constructor({ site, asksNobody }: { site: Site; asksNobody: boolean }) {
    this.#site = site;
    this.#asksNobody = asksNobody;
  }

  /** A request: it becomes questions, or is refused at once, or is none that we know. */
  asked({ id, method, params }: Extract<Incoming, { kind: "request" }>): Settled {
    const asked = askedBy(id, method, params, this.#site);
    if (asked === null) return { reading: { ...NOTHING, says: [methodNotFound(id, method)] } };
    const { questions } = asked;
    this.#open.set(replyKey(id), { id, asked });
    if (!this.#asksNobody) return { reading: { ...NOTHING, asks: questions } };
    const settled = [...questions].map(({ question_id }) => this.settle(question_id, "refused"));
    return settled.at(-1) ?? { reading: NOTHING };
  }

  /** Settles a question; nothing for one that is not open. */
  settle(questionId: string, settlement: Answer | "refused"): Settled {
    for (const [key, { id, asked }] of this.#open) {
      if (!asked.questions.some(({ question_id }) => question_id === questionId)) continue;
      const response = asked.settle(questionId, settlement);
      if (response === null) return { reading: NOTHING };
      this.#open.delete(key);
      return this.#respond(id, { response, questionId });
    }
    return { reading: NOTHING };
  }

  /** Codex has taken an answer, or asks no longer. */
  resolved({ requestId }: Params): Reading {
    if (typeof requestId !== "string" && typeof requestId !== "number") return NOTHING;
    const key = replyKey(requestId);
    if (this.#answered.delete(key)) return { ...NOTHING, heard: [key] };
    const open = this.#open.get(key);
    if (open === undefined) return NOTHING;
    this.#open.delete(key);
    return { ...NOTHING, withdraws: open.asked.questions.map(({ question_id }) => question_id) };
  }

  #respond(id: RequestId, { response, questionId }: { response: Response; questionId: string }): Settled {
    this.#answered.add(replyKey(id));
    return {
      reading: { ...NOTHING, says: [reply(id, response.result)] },
      declined: response.declinedItem,
      ...(response.remark === undefined ? {} : { remark: { key: questionId, text: response.remark } }),
    };
  }
}
