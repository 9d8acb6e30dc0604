/**
 * Room `agents`: the requests of both sides of a talk with Claude Code: what it asks, and whether it has read what it
 * was answered.
 *
 * @module
 */
import type { EventBody } from "../../../domain/event/event_body.ts";
import type { AskedQuestion } from "../../../domain/question/question.ts";
import type { Reading, Saying } from "../../turn_reader.ts";
import type { Asked, Response, Settlement } from "./asked.ts";
import { askedBy, refusal } from "./asked_by.ts";
import { errorLine, KnownRequest, requestLine, responseLine } from "./lines.ts";

const NOBODY_IS_ASKED =
  "This job's approval policy does not allow it, and nobody can be asked. Go on without it, and do not try to do the " +
  "same in another way.";

export interface Taken {
  readonly reading: Reading;
  /** The call that is refused, because nobody can be asked. */
  readonly refusedCall?: string;
}

/** A settled request. */
export interface Settled extends Pick<Response, "rejectedCall" | "remark"> {
  readonly requestId: string;
  readonly answer: Saying;
}

export class ClaudeRequests {
  readonly #asksNobody: boolean;
  /** Claude Code's own that nobody has answered yet, by id. */
  readonly #asked = new Map<string, Asked>();
  /** Ids of our requests and of answers to its own, as long as it has not acknowledged them. */
  readonly #unheard = new Set<string>();

  constructor({ asksNobody }: { asksNobody: boolean }) {
    this.#asksNobody = asksNobody;
  }

  /** Whether Claude Code waits for an answer. */
  get areOpen(): boolean {
    return this.#asked.size > 0;
  }

  /** A request of ours. @param id also the key under which it is said */
  say(id: string, request: { subtype: string; [member: string]: unknown }): Saying {
    return this.#saying(id, requestLine(id, request));
  }

  /** A request of Claude Code's. @param line as it was printed */
  take(id: string, request: unknown, line: string): Taken {
    const { data: known } = KnownRequest.safeParse(request);
    if (known === undefined) {
      const refused = this.#saying(id, errorLine(id, "agent-async does not know this request"));
      return { reading: { events: [{ type: "raw", text: line }], says: [refused] } };
    }
    if (this.#asksNobody) return this.#refused(id, known);
    if (this.#asked.has(id)) return { reading: { events: [] } };
    const asked = askedBy(id, known);
    this.#asked.set(id, asked);
    return { reading: { events: [], asks: asked.questions } };
  }

  /** @returns `null` for a question that is not open, and while others of the same request are */
  settle(questionId: string, settlement: Settlement): Settled | null {
    const isMeant = ({ question_id }: AskedQuestion) => question_id === questionId;
    const asked = [...this.#asked.values()].find(({ questions }) => questions.some(isMeant));
    const settled = asked?.settle(questionId, settlement) ?? null;
    if (asked === undefined || settled === null) return null;
    const { requestId } = asked;
    this.#asked.delete(requestId);
    const { response, ...others } = settled;
    return { ...others, requestId, answer: this.#saying(requestId, responseLine(requestId, response)) };
  }

  /** Claude Code no longer waits for the answer to this request. */
  withdraw(id: string): Reading {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    const withdraws = asked?.questions.map(({ question_id }) => question_id);
    return { ...this.acknowledge(id), ...(withdraws === undefined ? {} : { withdraws }) };
  }

  /** Claude Code has read our request, or our answer to its own. */
  acknowledge(id: string): Reading {
    return this.#unheard.delete(id) ? { events: [], heard: [id] } : { events: [] };
  }

  /** A call is told as such by its result. */
  #refused(id: string, request: KnownRequest): Taken {
    const { response, rejectedCall } = refusal(request, NOBODY_IS_ASKED);
    const events: EventBody[] = request.subtype === "can_use_tool" ? [] : [{
      type: "tool_call",
      id,
      state: "declined",
      server: request.mcp_server_name,
      tool: "elicitation",
      error: `${request.message} (nobody is asked under this approval policy)`,
    }];
    const reading = { events, says: [this.#saying(id, responseLine(id, response))] };
    return { reading, ...(rejectedCall === undefined ? {} : { refusedCall: rejectedCall }) };
  }

  #saying(id: string, line: string): Saying {
    this.#unheard.add(id);
    return { key: id, line, isAcknowledged: true };
  }
}
