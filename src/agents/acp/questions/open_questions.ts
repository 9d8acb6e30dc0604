/**
 * Room `agents`: what an ACP agent has asked and nobody has answered yet, and what is said to it in the end.
 *
 * @module
 */
import * as z from "zod";
import type { EventBody } from "../../../domain/event/event_body.ts";
import type { ApprovalPolicy } from "../../../domain/agent/policy.ts";
import type { Answer } from "../../../domain/question/question.ts";
import { asksNobody } from "../../live_driver.ts";
import type { Reading, Saying } from "../../turn_reader.ts";
import { type Elicitation, elicitationQuestion, elicitationReply } from "../../reading/elicitation.ts";
import { questionTitle } from "../../reading/asked_text.ts";
import { answerKey, INVALID_PARAMS, refusal, response } from "../lines.ts";
import type { RequestId } from "../messages.ts";
import {
  chosenOption,
  onceOptions,
  permissionQuestion,
  PermissionRequest,
  permissionResult,
} from "./permission.ts";
import type { AcpToolCalls } from "../tools/tool_calls.ts";

type Open =
  | { readonly kind: "permission"; readonly id: RequestId; readonly request: PermissionRequest }
  | { readonly kind: "elicitation"; readonly id: RequestId; readonly request: Elicitation };

const ElicitationRequest = z.object({
  message: z.string().catch(""),
  mode: z.string().catch("form"),
  url: z.string().optional().catch(undefined),
  requestedSchema: z.unknown().optional(),
});

const NOTHING: Reading = { events: [] };

export class OpenQuestions {
  readonly #policy: ApprovalPolicy;
  /** What the agent is called: the protocol does not tell which of its servers wants to know. */
  readonly #title: string;
  readonly #calls: AcpToolCalls;
  /** By the question's id. */
  readonly #open = new Map<string, Open>();
  /** Keys of answers whose hearing has not shown, by the call that they are about; "" for none. */
  readonly #unheard = new Map<string, string>();

  constructor(calls: AcpToolCalls, { policy, title }: { policy: ApprovalPolicy; title: string }) {
    this.#policy = policy;
    this.#title = title;
    this.#calls = calls;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  permission(id: RequestId, params: unknown): Reading {
    const { data: request } = PermissionRequest.safeParse(params);
    if (request === undefined) return { events: [], says: [refusal(id, INVALID_PARAMS, "Invalid params")] };
    const { call, events } = this.#calls.asked(request.toolCall);
    const open: Open = { kind: "permission", id, request };
    const options = onceOptions(request);
    const allow = options.find(({ kind }) => kind === "allow");
    if (this.#policy === "full-auto" && allow !== undefined) {
      return { events, says: [this.#says(open, permissionResult(allow.optionId))] };
    }
    // What can only be granted for longer than this once is not granted at all.
    if (asksNobody(this.#policy) || allow === undefined) return withEvents(events, this.#reject(open));
    this.#open.set(String(id), open);
    return { events, asks: [permissionQuestion(String(id), request, call)] };
  }

  elicitation(id: RequestId, params: unknown): Reading {
    const { data } = ElicitationRequest.safeParse(params);
    if (data === undefined) return { events: [], says: [refusal(id, INVALID_PARAMS, "Invalid params")] };
    const { message, mode, url, requestedSchema: schema } = data;
    const asked = { id: String(id), server: this.#title, message, schema };
    const request: Elicitation = mode === "url" ? { ...asked, url: url ?? "" } : asked;
    const open: Open = { kind: "elicitation", id, request };
    if (asksNobody(this.#policy)) return this.#reject(open);
    this.#open.set(String(id), open);
    // The protocol does not tell whether the agent wants to know, or an MCP server of its own.
    const question = {
      ...elicitationQuestion(request),
      title: questionTitle(`${this.#title} asks: ${message}`),
    };
    return { events: [], asks: [question] };
  }

  answer(questionId: string, answer: Answer): Reading {
    const open = this.#take(questionId);
    if (open === undefined) return NOTHING;
    if (open.kind === "elicitation") {
      return { events: [], says: [this.#says(open, elicitationReply(open.request, answer))] };
    }
    const option = chosenOption(open.request, answer);
    if (option === null || option.kind === "reject") return this.#reject(open, option?.optionId);
    return { events: [], says: [this.#says(open, permissionResult(option.optionId))] };
  }

  /** Nobody answers. */
  refuse(questionId: string): Reading {
    const open = this.#take(questionId);
    return open === undefined ? NOTHING : this.#reject(open);
  }

  /** The agent asks no longer: it has said so, or its turn is interrupted. */
  withdraw(questionId: string): Reading {
    const open = this.#take(questionId);
    if (open === undefined) return NOTHING;
    const result = open.kind === "permission" ? permissionResult(null) : { action: "cancel" };
    return { events: [], says: [this.#says(open, result)], withdraws: [questionId] };
  }

  get ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Keys of the answers that are shown to be heard by news of the call, or by the end of the turn (`null`). */
  heard(callId: string | null): string[] {
    const keys = [...this.#unheard].filter(([, id]) => callId === null || id === callId).map(([key]) => key);
    for (const key of keys) this.#unheard.delete(key);
    return keys;
  }

  #take(questionId: string): Open | undefined {
    const open = this.#open.get(questionId);
    this.#open.delete(questionId);
    return open;
  }

  /** @param optionId how it is rejected; not given: as the request allows for this once */
  #reject(open: Open, optionId?: string): Reading {
    if (open.kind === "elicitation") {
      return { events: [declinedInput(open)], says: [this.#says(open, { action: "decline" })] };
    }
    const reject = optionId ?? onceOptions(open.request).find(({ kind }) => kind === "reject")?.optionId ??
      null;
    return {
      events: this.#calls.decline(open.request.toolCall.toolCallId),
      says: [this.#says(open, permissionResult(reject))],
    };
  }

  #says(open: Open, result: unknown): Saying {
    this.#unheard.set(answerKey(open.id), open.kind === "permission" ? open.request.toolCall.toolCallId : "");
    return response(open.id, result);
  }
}

function withEvents(events: readonly EventBody[], reading: Reading): Reading {
  return { ...reading, events: [...events, ...reading.events] };
}

function declinedInput({ id, request }: Extract<Open, { kind: "elicitation" }>): EventBody {
  return {
    type: "tool_call",
    id: `input ${id}`,
    state: "declined",
    tool: "ask for input",
    arguments: { message: request.message },
  };
}
