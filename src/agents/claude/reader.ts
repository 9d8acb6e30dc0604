/**
 * Room `agents`: reads Claude Code's `stream-json` line by line. Total: whatever it does not know is a `raw` event.
 *
 * A run may have several `result` lines; the last one is its outcome, and one beside which something still runs in the
 * background is no last word: the model goes on when that has ended. `subtype: "success"` with `is_error` is a failure.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event_body.ts";
import type { Failure, Terminal } from "../../domain/turn/turn.ts";
import { ClaudeDenials } from "./denials.ts";
import { claudeFailure, otherSession, wordsOf } from "./failures.ts";
import {
  answerOf,
  AssistantBlock,
  type AssistantLine,
  isIgnored,
  Line,
  type RateLimitInfo,
  ResultLine,
  type RetryLine,
  SystemLine,
  ToolResult,
  type UserLine,
  wasRefused,
} from "./lines.ts";
import { isRefused, nextTryText, refusalText } from "./retries.ts";
import { ClaudeTools } from "./tools.ts";
import { ClaudeUsage } from "./usage.ts";
import { UsageSoFar } from "./usage_so_far.ts";
import type { ReaderContext, Reading, TurnReader } from "../turn_reader.ts";
import { isBlank } from "../reading/said.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

const NOTHING: Reading = { events: [] };

export class ClaudeReader implements TurnReader {
  readonly #context: ReaderContext;
  readonly #tools = new ClaudeTools();
  readonly #usage: ClaudeUsage;
  /** Kinds of failure named so far, for a `result` line that tells the text of a failure and not its kind. */
  #kinds = new Set<string>();
  #lastError: string | null = null;
  #resetsAt: number | null = null;
  #session: string | null = null;
  /** Set when another session answered than the one to be continued. Such a turn cannot succeed any more. */
  #wrongSession: Failure | null = null;
  readonly #denials = new ClaudeDenials();
  /** Whether a task runs in the background. The model goes on when it has ended. */
  #isWatching = false;
  /** A result that came while such a task ran. It is the turn's last word if no other result follows. */
  #heldBack: Terminal | null = null;
  #results = 0;
  readonly #soFar: UsageSoFar | null;

  /** @param options.countsOnTheWay whether what was used so far is told with each call of the model */
  constructor(context: ReaderContext, { countsOnTheWay = false }: { countsOnTheWay?: boolean } = {}) {
    this.#context = context;
    this.#soFar = countsOnTheWay ? new UsageSoFar() : null;
    this.#usage = new ClaudeUsage(context.sessionId === null ? null : context.sessionUsage);
  }

  read(line: string): Reading {
    if (line.trim() === "") return NOTHING;
    const value = parsedJson(line);
    if (isIgnored(value)) return NOTHING;
    const known = Line.safeParse(value);
    if (!known.success) return raw(line);
    switch (known.data.type) {
      case "system":
        return this.#system(known.data, line);
      case "assistant":
        return this.#assistant(known.data, line);
      case "user":
        return this.#user(known.data);
      case "rate_limit_event":
        return this.#rateLimit(known.data.rate_limit_info);
      case "result":
        return this.#result(ResultLine.parse(known.data));
    }
  }

  /** How many results it has read. */
  get results(): number {
    return this.#results;
  }

  /** The call will not be executed. Where somebody was asked and said so, that needs no warning. */
  refuse(toolUseId: string, { wasAsked }: { wasAsked: boolean }): void {
    this.#tools.refuse(toolUseId);
    if (wasAsked) this.#denials.leaveOut(toolUseId);
  }

  finish(): Reading {
    return this.#heldBack === null ? NOTHING : { events: [], terminal: this.#heldBack };
  }

  #system(line: object, text: string): Reading {
    const known = SystemLine.safeParse(line);
    if (!known.success) return raw(text);
    switch (known.data.subtype) {
      case "init":
        this.#usage.ranBy(known.data.claude_code_version);
        return this.#begun(known.data.session_id, known.data.model, known.data.mcp_servers);
      case "permission_denied":
        this.#tools.refuse(known.data.tool_use_id);
        return NOTHING;
      case "background_tasks_changed":
        this.#isWatching = known.data.tasks.length > 0;
        return NOTHING;
      case "api_retry":
        return this.#retry(known.data);
    }
  }

  /** `init` comes with every answer of a run, also after a task in the background. It becomes an event once. */
  #begun(
    session: string,
    model: string | undefined,
    servers: readonly { name: string; status: string }[],
  ): Reading {
    if (isBlank(session)) return NOTHING;
    if (session === this.#session) return { events: [], resumes: true };
    this.#session = session;
    const asked = this.#context.sessionId;
    if (asked !== null && asked !== session) {
      this.#wrongSession = otherSession(asked, session);
      const { message } = this.#wrongSession;
      return { events: [{ type: "warning", message }], terminal: { ok: false, failure: this.#wrongSession } };
    }
    const failed = servers.filter(({ status }) => status === "failed" || status === "needs-auth");
    return {
      events: [
        { type: "session", session_id: session, ...(model === undefined ? {} : { model }) },
        ...failed.map(({ name, status }): EventBody => ({
          type: "warning",
          message: `The MCP server ${name} did not start (${status})`,
        })),
      ],
    };
  }

  #retry(retry: RetryLine): Reading {
    const what = refusalText(retry);
    const event: EventBody = { type: "error", message: `${what}; ${nextTryText(retry)}`, transient: true };
    if (!isRefused(retry)) return { events: [event] };
    return { events: [event], terminal: { ok: false, failure: this.#failure(what, 401) } };
  }

  #assistant(line: AssistantLine, text: string): Reading {
    const events: EventBody[] = [];
    const isOwn = line.parent_tool_use_id === null || line.parent_tool_use_id === undefined;
    for (const content of line.message.content) {
      const known = AssistantBlock.safeParse(content);
      if (!known.success) {
        events.push({ type: "raw", text });
        continue;
      }
      const block = known.data;
      if (block.type === "redacted_thinking") continue;
      if (block.type === "tool_use") {
        const event = this.#tools.start(block);
        if (event !== null) events.push(event);
      } else if (block.type === "thinking") {
        if (!isBlank(block.thinking)) events.push({ type: "reasoning", text: block.thinking });
      } else if (line.error) {
        this.#kinds.add(line.error);
        this.#lastError = block.text;
        events.push({ type: "error", message: block.text, transient: false });
      } else if (line.message.model !== "<synthetic>" && !isBlank(block.text)) {
        // What a subagent says is not the job's answer.
        events.push(
          isOwn
            ? { type: "message", text: block.text }
            : { type: "reasoning", text: `[subagent] ${block.text}` },
        );
      }
    }
    const usage = this.#soFar?.take(line) ?? null;
    if (usage !== null) events.push({ type: "usage", usage, so_far: true });
    return { events };
  }

  #user(line: UserLine): Reading {
    if (typeof line.message.content === "string") return NOTHING;
    const events: EventBody[] = [];
    for (const content of line.message.content) {
      const answer = ToolResult.safeParse(content);
      if (!answer.success) continue;
      const refused = wasRefused(line, answer.data.tool_use_id);
      const event = this.#tools.finish(answer.data, { details: line.tool_use_result, refused });
      if (event !== null) events.push(event);
    }
    return { events };
  }

  #rateLimit({ status, resetsAt }: RateLimitInfo): Reading {
    if (resetsAt && status !== "allowed") this.#resetsAt = resetsAt * 1000;
    if (status !== "allowed_warning") return NOTHING;
    return { events: [{ type: "warning", message: "Claude's usage limit is near" }] };
  }

  #result(line: ResultLine): Reading {
    this.#results++;
    const events = [...this.#denials.take(line)];
    const used = this.#usage.take(line);
    if (used !== null) events.push({ type: "usage", usage: used.usage, session_usage: used.session });
    this.#soFar?.end(used?.usage ?? null);
    if (line.subtype === "success" && !line.is_error) {
      this.#kinds.clear();
      this.#lastError = null;
      return this.#ended(events, this.#succeeded(answerOf(line)));
    }
    if (line.subtype !== "success") this.#kinds.add(line.subtype);
    const message = wordsOf(line) || (this.#lastError ?? `Claude Code ended with ${line.subtype}`);
    if (message !== this.#lastError) events.push({ type: "error", message, transient: false });
    return this.#ended(events, {
      ok: false,
      failure: this.#failure(message, line.api_error_status ?? null),
    });
  }

  /** After a last word the process is soon ended, so none is given while a task runs in the background. */
  #ended(events: readonly EventBody[], terminal: Terminal): Reading {
    this.#heldBack = this.#isWatching ? terminal : null;
    return this.#isWatching ? { events } : { events, terminal };
  }

  #succeeded(result: string): Terminal {
    if (this.#wrongSession !== null) return { ok: false, failure: this.#wrongSession };
    return isBlank(result) ? { ok: true } : { ok: true, result };
  }

  #failure(message: string, status: number | null): Failure {
    return this.#wrongSession ?? claudeFailure({
      message,
      kinds: [...this.#kinds],
      status,
      resetsAt: this.#resetsAt,
      since: this.#context.startedAt,
    });
  }
}

function raw(line: string): Reading {
  return { events: [{ type: "raw", text: line }] };
}
