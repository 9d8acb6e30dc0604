/**
 * Room `agents`: what `codex app-server` tells of the thread and the turn. Total: whatever it does not know is a `raw`
 * event.
 *
 * @module
 */
import * as z from "zod";
import type { EventBody } from "../../../domain/event/event_body.ts";
import type { Failure, Terminal } from "../../../domain/turn/turn.ts";
import type { TalkContext } from "../../live_driver.ts";
import { isBlank, saidIn } from "../../reading/said.ts";
import type { Reading } from "../../turn_reader.ts";
import { readableMessage } from "../failures.ts";
import { otherSession } from "../session.ts";
import { BegunItems } from "./begun_items.ts";
import { interruptedTurn, requestFailure, turnFailure } from "./ends.ts";
import { liveItemEvent, type LivePhase } from "./items.ts";
import type { Params } from "./messages.ts";
import { noticeEvent } from "./notices.ts";
import { TokenUsage, TurnUsage } from "./usage.ts";

const TurnOf = z.object({
  turn: z.object({
    id: z.string(),
    status: z.string().catch(""),
    error: z.record(z.string(), z.unknown()).nullish().catch(null),
  }),
});

const Plan = z.object({
  plan: z.array(z.object({ step: z.string(), status: z.string().catch("") })),
});

const PHASES: ReadonlyMap<string, LivePhase> = new Map([
  ["item/started", "started"],
  ["item/completed", "completed"],
]);

/** Errors after which Codex tries again, from versions that do not say so in a member of its own. */
const TRANSIENT = /^Reconnecting\.\.\.|\bretrying \d+\/\d+/;

const UNEXPLAINED = "Codex reported that the turn failed";

const NOTHING: Reading = { events: [] };

export class ThreadReader {
  readonly items = new BegunItems();
  threadId: string | null = null;
  /** Codex's answer to the request of the thread. */
  thread: Params = {};
  /** Of the turn that runs; `null` before it is known. */
  turnId: string | null = null;
  /** Whether the last word was said, and the turn is not going on. */
  hasEnded = false;
  readonly #context: TalkContext;
  readonly #usage: TurnUsage;
  /** Items that were not carried out since somebody refused, though Codex calls them failed. */
  readonly #declined = new Set<string>();
  readonly #told = new Set<string>();
  #lastError: string | null = null;
  #lastPlan = "";
  #lastUsage = "";

  constructor(context: TalkContext) {
    this.#context = context;
    this.#usage = new TurnUsage(context.sessionUsage);
  }

  /** The item with this id will not be carried out. */
  declined(id: string): void {
    this.#declined.add(id);
  }

  /** Another session than the one that was asked for cannot do the turn's work: it has not begun yet, and never will. */
  threadBegan(result: Params): Reading {
    const { data } = z.object({ thread: z.object({ id: z.string() }) }).safeParse(result);
    const id = data?.thread.id ?? "";
    if (isBlank(id)) return this.failed("Codex began no thread");
    const asked = this.#context.sessionId;
    if (asked !== null && asked !== id) {
      const failure = otherSession(asked, id);
      return { ...this.end(failure), events: [{ type: "warning", message: failure.message }] };
    }
    this.threadId = id;
    this.thread = result;
    const { model } = result;
    return {
      events: [{ type: "session", session_id: id, ...(typeof model === "string" ? { model } : {}) }],
    };
  }

  turnAccepted(result: Params): Reading {
    const { data } = TurnOf.safeParse(result);
    if (data !== undefined && this.turnId === null && !this.hasEnded) this.turnId = data.turn.id;
    return NOTHING;
  }

  /** A request without which there is no turn has failed. */
  failed(said: string): Reading {
    const message = readableMessage(said);
    return {
      ...this.end(requestFailure(message, this.#context.startedAt)),
      events: [{ type: "error", message, transient: false }],
    };
  }

  end(failure: Failure): Reading {
    return this.#end({ ok: false, failure });
  }

  read(method: string, params: Params, line: string): Reading {
    const isOwn = params["threadId"] === undefined || params["threadId"] === null ||
      params["threadId"] === this.threadId;
    const phase = PHASES.get(method);
    if (phase !== undefined) return this.#item(params, { phase, isOwn, line });
    switch (method) {
      case "thread/tokenUsage/updated":
        return this.#counted(params);
      case "turn/started":
        return isOwn ? this.#turnStarted(params) : NOTHING;
      case "turn/completed":
        return isOwn ? this.#turnCompleted(params) : NOTHING;
      case "turn/plan/updated":
        return isOwn ? this.#planned(params) : NOTHING;
      case "error":
        return isOwn ? this.#error(params) : NOTHING;
      default: {
        const event = isOwn ? noticeEvent(method, params) : null;
        return event === "unknown" ? raw(line) : this.#once(event);
      }
    }
  }

  finish(): Reading {
    if (this.hasEnded || this.#lastError === null) return NOTHING;
    return this.end(turnFailure(this.#lastError, null, this.#context.startedAt));
  }

  /** Of sub-agents, what they do is told, and not what they say: the job's answer is not theirs. */
  #item(params: Params, { phase, isOwn, line }: { phase: LivePhase; isOwn: boolean; line: string }): Reading {
    const { data: item } = z.record(z.string(), z.unknown()).safeParse(params["item"]);
    if (item === undefined) return raw(line);
    if (phase === "started") this.items.begin(item);
    else this.items.end(item["id"]);
    const event = liveItemEvent(item, phase);
    if (event === "unknown") return isOwn ? raw(line) : NOTHING;
    if (event === null || (!isOwn && !("state" in event))) return NOTHING;
    if (event.type === "web_search") return this.#once(event);
    if (event.type === "tool_call" && event.state === "failed" && this.#declined.has(event.id)) {
      return { events: [{ ...event, state: "declined" }] };
    }
    return { events: [event] };
  }

  #counted(params: Params): Reading {
    const { data } = TokenUsage.safeParse(params);
    if (data === undefined) return NOTHING;
    if (data.threadId !== this.threadId) this.#usage.countedOfOther(data);
    else if (this.turnId === null || (data.turnId !== this.turnId && data.turnId !== "")) {
      this.#usage.repeated(data);
      return NOTHING;
    } else this.#usage.counted(data);
    return { events: this.#used({ isLast: false }) };
  }

  /** Nothing when it is what was told last. */
  #used({ isLast }: { isLast: boolean }): EventBody[] {
    const { used } = this.#usage;
    if (used === null) return [];
    const event: EventBody = { type: "usage", ...used, ...(isLast ? {} : { so_far: true }) };
    const told = JSON.stringify(event);
    if (told === this.#lastUsage) return [];
    this.#lastUsage = told;
    return [event];
  }

  /** After its last word, Codex may go on by itself with what was put in a queue. */
  #turnStarted(params: Params): Reading {
    const { data } = TurnOf.safeParse(params);
    if (data === undefined || data.turn.id === this.turnId) return NOTHING;
    const resumes = this.hasEnded && this.turnId !== null;
    if (!resumes && this.turnId !== null) return NOTHING;
    this.turnId = data.turn.id;
    this.hasEnded = false;
    return resumes ? { events: [], resumes: true } : NOTHING;
  }

  #turnCompleted(params: Params): Reading {
    const { data } = TurnOf.safeParse(params);
    if (data === undefined || (this.turnId !== null && data.turn.id !== this.turnId)) return NOTHING;
    const { status, error } = data.turn;
    const usage = this.#used({ isLast: true });
    if (status === "interrupted") return { ...this.end(interruptedTurn()), events: usage };
    if (status !== "failed") return { ...this.#end({ ok: true }), events: usage };
    const said = saidIn(error?.["message"]) ?? saidIn(error);
    const message = said === null ? this.#lastError ?? UNEXPLAINED : readableMessage(said);
    const failure = turnFailure(message, error?.["codexErrorInfo"], this.#context.startedAt);
    const told: EventBody[] = message === this.#lastError
      ? []
      : [{ type: "error", message, transient: false }];
    return { ...this.end(failure), events: [...told, ...usage] };
  }

  #planned(params: Params): Reading {
    const { data } = Plan.safeParse(params);
    if (data === undefined) return NOTHING;
    const items = data.plan.map(({ step, status }) => ({ text: step, done: status === "completed" }));
    const plan = JSON.stringify(items);
    if (plan === this.#lastPlan) return NOTHING;
    this.#lastPlan = plan;
    return { events: [{ type: "plan", items }] };
  }

  #error(params: Params): Reading {
    const { data: error } = z.record(z.string(), z.unknown()).safeParse(params["error"]);
    const said = saidIn(error?.["message"]) ?? saidIn(params["error"]);
    const message = said === null ? UNEXPLAINED : readableMessage(said);
    const transient = typeof params["willRetry"] === "boolean"
      ? params["willRetry"]
      : TRANSIENT.test(message);
    if (!transient) this.#lastError = message;
    const details = transient ? saidIn(error?.["additionalDetails"]) : null;
    return {
      events: [{ type: "error", message: details === null ? message : `${message} (${details})`, transient }],
    };
  }

  /** Leaves out what was told before: a search comes at its start and its end, a warning with every thread. */
  #once(event: EventBody | null): Reading {
    if (event === null) return NOTHING;
    const told = JSON.stringify(event);
    if (this.#told.has(told)) return NOTHING;
    this.#told.add(told);
    return { events: [event] };
  }

  #end(terminal: Terminal): Reading {
    this.hasEnded = true;
    return { events: [], terminal };
  }
}

function raw(line: string): Reading {
  return { events: [{ type: "raw", text: line }] };
}
