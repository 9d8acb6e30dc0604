/**
 * Room `agents`: reads `cursor-agent --output-format stream-json` line by line. Total: whatever it does not know is a
 * `raw` event.
 *
 * @module
 */
import * as z from "zod";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import { sumOfCounts, totalOf, type Usage } from "../../domain/turn/usage.ts";
import { cursorFailure } from "./failures.ts";
import { cursorToolEvent } from "./tools.ts";
import type { ReaderContext, Reading, TurnReader } from "../turn_reader.ts";
import { isBlank, saidIn } from "../reading/said.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { TokenCount } from "../reading/token_count.ts";

const Line = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("system"),
    subtype: z.literal("init"),
    session_id: z.string(),
    model: z.string().optional().catch(undefined),
  }),
  z.object({ type: z.literal("user") }),
  z.object({ type: z.literal("interaction_query") }),
  z.object({
    type: z.literal("assistant"),
    message: z.object({ content: z.array(z.unknown()) }),
  }),
  z.object({ type: z.literal("thinking"), text: z.string().catch("") }),
  z.object({
    type: z.literal("tool_call"),
    subtype: z.enum(["started", "completed"]),
    call_id: z.string().optional().catch(undefined),
    tool_call: z.record(z.string(), z.unknown()),
  }),
  z.object({
    type: z.literal("result"),
    subtype: z.string().catch(""),
    is_error: z.boolean().catch(false),
    /** A text; a failure has been an object, too. */
    result: z.unknown().optional(),
    error: z.unknown().optional(),
    usage: z.object({
      inputTokens: TokenCount,
      outputTokens: TokenCount,
      cacheReadTokens: TokenCount,
      cacheWriteTokens: TokenCount,
    }).nullish().catch(null),
  }),
]);

const TextBlock = z.object({ text: z.string() });

const NOTHING: Reading = { events: [] };

export class CursorReader implements TurnReader {
  readonly #context: ReaderContext;
  /** Thinking comes word by word: one event for all of it. */
  #thinking = "";
  /** Lines that are not JSON: some refusals come as plain text. */
  #said: string[] = [];
  #hasEnded = false;
  #hasSpoken = false;
  #wrongSession: Failure | null = null;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  read(line: string): Reading {
    if (line.trim() === "") return NOTHING;
    const known = Line.safeParse(parsedJson(line));
    if (!known.success) {
      if (!line.startsWith("{")) this.#said.push(line.replace(/^T: /, ""));
      return { events: [...this.#thought(), { type: "raw", text: line }] };
    }
    const event = known.data;
    if (event.type === "thinking") {
      this.#thinking += event.text;
      return event.text === "" ? { events: this.#thought() } : NOTHING;
    }
    const before = this.#thought();
    const { events, ...rest } = this.#take(event, line);
    return { events: [...before, ...events], ...rest };
  }

  /** A refusal in plain words is a failure only when no `result` came. */
  finish(): Reading {
    const events = this.#thought();
    if (this.#hasEnded || this.#said.length === 0) return { events };
    const failure = cursorFailure(this.#said.slice(-5).join("\n"), this.#context.startedAt);
    const isKnown = failure.reason !== "agent_error" || failure.hint !== null;
    return isKnown ? { events, terminal: { ok: false, failure } } : { events };
  }

  #take(event: Exclude<z.infer<typeof Line>, { type: "thinking" }>, line: string): Reading {
    switch (event.type) {
      case "user":
      case "interaction_query":
        return NOTHING;
      case "system":
        return this.#begun(event.session_id, event.model);
      case "assistant": {
        const text = event.message.content.map((block) => TextBlock.safeParse(block).data?.text ?? "").join(
          "",
        );
        if (isBlank(text)) return NOTHING;
        this.#hasSpoken = true;
        return { events: [{ type: "message", text }] };
      }
      case "tool_call": {
        const id = event.call_id ?? ownId(event.tool_call) ?? "";
        const action = cursorToolEvent(id, event.subtype, event.tool_call);
        if (action !== null) return { events: [action] };
        return hasName(event.tool_call) ? NOTHING : { events: [{ type: "raw", text: line }] };
      }
      case "result":
        return this.#result(
          event.is_error || event.subtype !== "success",
          saidIn(event.result) ?? saidIn(event.error) ?? "",
          event.usage,
        );
    }
  }

  #begun(session: string, model: string | undefined): Reading {
    if (isBlank(session)) return NOTHING;
    const asked = this.#context.sessionId;
    if (asked === null || asked === session) {
      return {
        events: [{ type: "session", session_id: session, ...(model === undefined ? {} : { model }) }],
      };
    }
    const message = `The chat was not continued: Cursor was asked for ${asked} and began ${session} instead`;
    this.#wrongSession = {
      reason: "agent_error",
      message,
      hint: "The chat is gone: start a new job and repeat what it needs to know.",
      retry_at: null,
    };
    return {
      events: [{ type: "warning", message }],
      terminal: { ok: false, failure: this.#wrongSession },
    };
  }

  /**
   * The text of `result` is all messages of the turn run together: after a success it is used only when no message
   * came.
   */
  #result(hasFailed: boolean, result: string, counted: Counted | null | undefined): Reading {
    this.#hasEnded = true;
    const events: EventBody[] = counted ? [{ type: "usage", usage: normalised(counted) }] : [];
    if (!hasFailed) {
      if (this.#wrongSession !== null) {
        return { events, terminal: { ok: false, failure: this.#wrongSession } };
      }
      return { events, terminal: this.#hasSpoken || result === "" ? { ok: true } : { ok: true, result } };
    }
    const message = result === "" ? "Cursor reported that the turn failed" : result;
    events.push({ type: "error", message, transient: false });
    const failure = this.#wrongSession ?? cursorFailure(message, this.#context.startedAt);
    return { events, terminal: { ok: false, failure } };
  }

  #thought(): EventBody[] {
    const text = this.#thinking;
    this.#thinking = "";
    return text.trim() === "" ? [] : [{ type: "reasoning", text }];
  }
}

type Counted = NonNullable<Extract<z.infer<typeof Line>, { type: "result" }>["usage"]>;

/** Cursor counts what was read from and written to the cache beside the input. */
function normalised(counted: Counted): Usage {
  const input = sumOfCounts([counted.inputTokens, counted.cacheReadTokens, counted.cacheWriteTokens]);
  return {
    input_tokens: input,
    cached_input_tokens: counted.cacheReadTokens,
    output_tokens: counted.outputTokens,
    total_tokens: totalOf(input, counted.outputTokens),
  };
}

function hasName(toolCall: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(toolCall).some((key) => key.endsWith("ToolCall"));
}

function ownId(toolCall: Readonly<Record<string, unknown>>): string | undefined {
  const id = toolCall["toolCallId"];
  return typeof id === "string" ? id : undefined;
}
