/**
 * Room `agents`: reads `codex exec --json` line by line. Total: whatever it does not know is a `raw` event.
 *
 * @module
 */
import * as z from "zod";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { Failure, Terminal } from "../../domain/turn/turn.ts";
import { subtractUsage, totalOf, type Usage } from "../../domain/turn/usage.ts";
import { codexFailure, readableMessage } from "./failures.ts";
import { CodexItem, itemEvent, type ItemPhase } from "./items.ts";
import { otherSession } from "./session.ts";
import type { ReaderContext, Reading, TurnReader } from "../turn_reader.ts";
import { isBlank, saidIn } from "../reading/said.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { TokenCount } from "../reading/token_count.ts";

const ThreadUsage = z.object({
  input_tokens: TokenCount,
  cached_input_tokens: TokenCount,
  output_tokens: TokenCount,
  reasoning_output_tokens: TokenCount.optional(),
});

/** What Codex tells of the thread and the turn; all other lines are about an item. */
const ThreadEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("thread.started"), thread_id: z.string() }),
  z.object({ type: z.literal("turn.started") }),
  z.object({ type: z.literal("turn.completed"), usage: ThreadUsage.nullish().catch(null) }),
  /** `error` is an object with a message, and has been a text. */
  z.object({ type: z.literal("turn.failed") }).loose(),
  z.object({ type: z.literal("error") }).loose(),
]);
type ThreadEvent = z.infer<typeof ThreadEvent>;

/** An agent that floods us with something else is not worth a full report on each line. */
const THREAD_EVENTS: ReadonlySet<unknown> = new Set(ThreadEvent.options.map(({ shape }) => shape.type.value));

const ITEM_PHASES: ReadonlyMap<unknown, ItemPhase> = new Map([
  ["item.started", "started"],
  ["item.updated", "updated"],
  ["item.completed", "completed"],
]);

/** Messages of errors after which Codex tries again. When it gives up it prints `turn.failed`. */
const TRANSIENT = /^Reconnecting\.\.\.|\bretrying \d+\/\d+/;

/** The message of a failure for which Codex gives none. */
const UNEXPLAINED = "Codex reported that the turn failed";

const NOTHING: Reading = { events: [] };

export class CodexReader implements TurnReader {
  readonly #context: ReaderContext;
  /** Set when another session answered than the one to be continued. Such a turn cannot succeed any more. */
  #wrongSession: Failure | null = null;
  /** The newest error that is not transient. It is the reason of the failure when no `turn.failed` follows. */
  #lastError: string | null = null;
  #hasEnded = false;
  #lastPlan = "";
  #searches = new Set<string>();

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  read(line: string): Reading {
    if (line.trim() === "") return NOTHING;
    return this.#known(parse(line)) ?? { events: [{ type: "raw", text: line }] };
  }

  /** `null` for a line of a type that is not known. */
  #known(line: Line): Reading | null {
    const phase = ITEM_PHASES.get(line.type);
    if (phase !== undefined) {
      const { data: item } = CodexItem.safeParse(line.item);
      return item === undefined ? null : this.#item(item, phase);
    }
    if (!THREAD_EVENTS.has(line.type)) return null;
    const { data: event } = ThreadEvent.safeParse(line);
    return event === undefined ? null : this.#threadEvent(event);
  }

  #threadEvent(event: ThreadEvent): Reading {
    switch (event.type) {
      case "thread.started":
        return this.#threadStarted(event.thread_id);
      case "turn.started":
        return NOTHING;
      case "turn.completed":
        return this.#turnCompleted(event.usage ?? null);
      case "turn.failed":
        return this.#turnFailed(saidIn(event["error"]) ?? saidIn(event["message"]));
      case "error":
        return this.#error(saidIn(event));
    }
  }

  finish(): Reading {
    if (this.#hasEnded || this.#lastError === null) return NOTHING;
    return { events: [], terminal: this.#failed(this.#lastError) };
  }

  /**
   * The session that a mismatch names is not made the job's own: the next reply should ask for the right one again.
   * The failure is told at once, so that the turn is ended instead of working without its conversation.
   */
  #threadStarted(threadId: string): Reading {
    const asked = this.#context.sessionId;
    if (isBlank(threadId)) return NOTHING;
    if (asked === null || asked === threadId) {
      return { events: [{ type: "session", session_id: threadId }] };
    }
    this.#wrongSession = otherSession(asked, threadId);
    return {
      events: [{ type: "warning", message: this.#wrongSession.message }],
      terminal: { ok: false, failure: this.#wrongSession },
    };
  }

  #turnCompleted(reported: z.infer<typeof ThreadUsage> | null): Reading {
    this.#hasEnded = true;
    const terminal: Terminal = this.#wrongSession === null
      ? { ok: true }
      : { ok: false, failure: this.#wrongSession };
    return { events: reported === null ? [] : [this.#usage(reported)], terminal };
  }

  /** Codex counts tokens over the whole thread. The turn's usage is that count less the one of the turn before. */
  #usage(reported: z.infer<typeof ThreadUsage>): EventBody {
    const total: Usage = {
      input_tokens: reported.input_tokens,
      cached_input_tokens: reported.cached_input_tokens,
      output_tokens: reported.output_tokens,
      ...(typeof reported.reasoning_output_tokens === "number"
        ? { reasoning_tokens: reported.reasoning_output_tokens }
        : {}),
      total_tokens: totalOf(reported.input_tokens, reported.output_tokens),
    };
    const { sessionId, sessionUsage } = this.#context;
    const isContinued = sessionId !== null && sessionUsage !== null && this.#wrongSession === null;
    return {
      type: "usage",
      usage: isContinued ? subtractUsage(total, sessionUsage) : total,
      // The next turn asks for the right session again, whose count this is not.
      ...(this.#wrongSession === null ? { session_usage: total } : {}),
    };
  }

  /** `turn.failed` repeats the text of the `error` line before it. One event is made of both. */
  #turnFailed(said: string | null): Reading {
    this.#hasEnded = true;
    const message = said === null ? this.#lastError ?? UNEXPLAINED : readableMessage(said);
    const isNew = message !== this.#lastError;
    return {
      events: isNew ? [{ type: "error", message, transient: false }] : [],
      terminal: this.#failed(message),
    };
  }

  #error(said: string | null): Reading {
    const message = said === null ? UNEXPLAINED : readableMessage(said);
    const transient = TRANSIENT.test(message);
    if (!transient) this.#lastError = message;
    return { events: [{ type: "error", message, transient }] };
  }

  #failed(message: string): Terminal {
    return { ok: false, failure: this.#wrongSession ?? codexFailure(message, this.#context.startedAt) };
  }

  #item(item: CodexItem, phase: ItemPhase): Reading {
    const event = itemEvent(item, phase);
    if (event === null || !this.#isNew(event)) return NOTHING;
    return { events: [event] };
  }

  /** Leaves out repetitions: a plan comes again at the turn's end, a search at its start and at its end. */
  #isNew(event: EventBody): boolean {
    if (event.type === "plan") {
      const plan = JSON.stringify(event.items);
      if (plan === this.#lastPlan) return false;
      this.#lastPlan = plan;
    }
    if (event.type === "web_search") {
      const search = `${event.id} ${event.query}`;
      if (this.#searches.has(search)) return false;
      this.#searches.add(search);
    }
    return true;
  }
}

interface Line {
  readonly type?: unknown;
  readonly item?: unknown;
}

/** Empty for what is no JSON object, or is nested deeper than the parser goes. */
function parse(line: string): Line {
  const value = parsedJson(line);
  return typeof value === "object" && value !== null ? value : {};
}
