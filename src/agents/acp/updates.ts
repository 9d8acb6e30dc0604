/**
 * Room `agents`: `session/update` of an ACP agent, as events. An update of a kind that is not known is a `raw` event.
 *
 * @module
 */
import * as z from "zod";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { Usage } from "../../domain/turn/usage.ts";
import { membersAt } from "../reading/json_members.ts";
import { saidIn } from "../reading/said.ts";
import type { Dialect } from "./dialects.ts";
import { MessagePieces } from "./message_pieces.ts";
import { blockText, ConfigOption } from "./messages.ts";
import { ToolCallFields } from "./tools/tool_call.ts";
import { AcpToolCalls } from "./tools/tool_calls.ts";
import { AcpUsage, countsTokens } from "./usage.ts";

const Update = z.object({ sessionUpdate: z.string() }).loose();

const Chunk = z.object({
  content: z.unknown().optional(),
  messageId: z.string().nullish().catch(null),
});

const Entry = z.object({ content: z.string(), status: z.string().catch("") });
const Plan = z.object({ entries: z.array(Entry) });

const Params = z.object({ update: Update });

export class AcpUpdates {
  readonly calls = new AcpToolCalls();
  readonly usage: AcpUsage;
  readonly #pieces = new MessagePieces();
  /** How the agent speaks; known once it has greeted. */
  dialect: Dialect = {};
  #failure: string | null = null;
  /** Whether there was a word or a deed in the turn. */
  isSilent = true;
  /** The mode in which the session is; `null` as long as nobody has said. */
  mode: string | null = null;

  /** @param before the session's usage up to this turn */
  constructor(before: Usage | null) {
    this.usage = new AcpUsage(before);
  }

  /** What was held back, before `events`. */
  afterMessage(events: readonly EventBody[]): EventBody[] {
    return [...this.#pieces.take(), ...events];
  }

  /**
   * A failure that was told in the words of a message, unless the agent has done something since.
   *
   * @param result the answer to the prompt
   */
  failureAt(result: unknown): string | null {
    return this.dialect.failsWithUsage === true || !countsTokens(result) ? this.#failure : null;
  }

  /** @param params of the notification; @param line for what is not known */
  read(params: unknown, line: string): EventBody[] {
    const update = Params.safeParse(params).data?.update;
    if (update === undefined) return this.afterMessage([{ type: "raw", text: line }]);
    switch (update.sessionUpdate) {
      case "agent_message_chunk":
      case "agent_thought_chunk":
      case "agent_message":
      case "agent_thought":
        return this.#chunk(update);
      case "tool_call":
      case "tool_call_update":
        return this.#toolCall(update, line);
      case "plan":
        return this.#plan(update, line);
      case "plan_update":
        return this.#plan(update["plan"], line);
      case "usage_update":
        this.usage.update(update);
        return [];
      case "current_mode_update":
        return this.#modeIs(update["currentModeId"] ?? update["modeId"]);
      case "config_option_update":
        return this.#modeIs(modeOption(update["configOptions"]));
      case "notice":
        return this.afterMessage([{ type: "warning", message: saidIn(update) ?? "a notice without words" }]);
      // The user's own words again, lists of commands and titles; and what a later version tells of its state.
      case "user_message_chunk":
      case "user_message":
      case "available_commands_update":
      case "session_info_update":
      case "compaction_update":
      case "compaction_summary_chunk":
      case "state_update":
        return [];
      default:
        return this.afterMessage([{ type: "raw", text: line }]);
    }
  }

  finish(): EventBody[] {
    return this.afterMessage(this.calls.finish());
  }

  #chunk(update: z.infer<typeof Update>): EventBody[] {
    const { content, messageId } = Chunk.parse(update);
    const kind = update.sessionUpdate.startsWith("agent_thought") ? "reasoning" : "message";
    const piece = { kind, id: messageId ?? null, text: blockText(content) } as const;
    const own = kind === "message" ? this.#ownWords(piece.text) : null;
    if (own !== null) return own;
    if (piece.text !== "") this.isSilent = false;
    const before = update.sessionUpdate.endsWith("_chunk")
      ? this.#pieces.add(piece)
      : this.#pieces.replace(piece);
    const usage = this.usage.piece(update);
    return [...before, ...(usage.length === 0 ? [] : this.afterMessage(usage))];
  }

  /** What a piece tells that is not of the model's words; `null` for one that is. */
  #ownWords(text: string): EventBody[] | null {
    const { chatter, retry, failure } = this.dialect;
    if (chatter?.test(text) === true) return [];
    if (retry?.test(text) === true) {
      return this.afterMessage([{ type: "error", message: text, transient: true }]);
    }
    if (failure?.test(text) !== true) return null;
    this.#failure = text;
    this.isSilent = false;
    return this.afterMessage([{ type: "message", text }]);
  }

  #toolCall(update: z.infer<typeof Update>, line: string): EventBody[] {
    const { data } = ToolCallFields.safeParse(update);
    this.isSilent = false;
    this.#failure = null;
    return this.afterMessage(data === undefined ? [{ type: "raw", text: line }] : this.calls.update(data));
  }

  #plan(plan: unknown, line: string): EventBody[] {
    const { data } = Plan.safeParse(plan);
    if (data === undefined) return this.afterMessage([{ type: "raw", text: line }]);
    const items = data.entries.map(({ content, status }) => ({
      text: content,
      done: status === "completed",
    }));
    return this.afterMessage([{ type: "plan", items }]);
  }

  /** An agent that changes its mode changes what it may do. */
  #modeIs(mode: unknown): EventBody[] {
    if (typeof mode !== "string" || mode === this.mode) return [];
    const before = this.mode;
    this.mode = mode;
    return before === null ? [] : this.afterMessage([{
      type: "warning",
      message: `The agent has changed its mode from ${before} to ${mode}`,
    }]);
  }
}

/** The current mode among the options; `undefined` where none is one. */
function modeOption(options: unknown): unknown {
  return membersAt(options, "*").flatMap((option) => ConfigOption.safeParse(option).data ?? [])
    .find(({ category }) => category === "mode")?.currentValue;
}
