/**
 * Room `agents`: reads `gemini -o stream-json` line by line. Total: whatever it does not know is a `raw` event.
 *
 * @module
 */
import * as z from "zod";
import type { EventBody } from "../../domain/event/event_body.ts";
import { totalOf, type Usage } from "../../domain/turn/usage.ts";
import type { ReaderContext, Reading, TurnReader } from "../turn_reader.ts";
import { geminiFailure } from "./failures.ts";
import { geminiAttempt, geminiRefusal } from "./stderr.ts";
import { isBlank, saidIn } from "../reading/said.ts";
import { GeminiToolResult, GeminiToolUse, toolResultEvent, toolUseEvent } from "./tools.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { TokenCount } from "../reading/token_count.ts";

const Stats = z.object({
  total_tokens: TokenCount,
  input_tokens: TokenCount,
  output_tokens: TokenCount,
  cached: TokenCount,
});

const Timestamp = z.string().optional().catch(undefined);

const StreamEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("init"),
    session_id: z.string(),
    model: z.string().optional().catch(undefined),
  }),
  z.object({ type: z.literal("message"), role: z.string(), content: z.string() }),
  GeminiToolUse,
  GeminiToolResult,
  z.object({ type: z.literal("error"), severity: z.string().catch("error") }).loose(),
  z.object({
    type: z.literal("result"),
    timestamp: Timestamp,
    status: z.string(),
    /** An object with a type and a message; looked at where it is used. */
    error: z.unknown().optional(),
    stats: Stats.nullish().catch(null),
  }),
]);
/** The type of failure in the error of a `result` event. */
const ErrorType = z.object({ type: z.string() });

type Result = Extract<z.infer<typeof StreamEvent>, { type: "result" }>;

const NOTHING: Reading = { events: [] };

const LOOP = /^loop detected/i;

export class GeminiReader implements TurnReader {
  readonly #context: ReaderContext;
  /** The chunks so far of a message whose end has not come. */
  #chunks: string[] = [];
  /** Calls that have not ended, by id. */
  readonly #calls = new Map<string, EventBody>();
  /** Gemini's own names of the tools that were called, by the call's id. */
  readonly #tools = new Map<string, string>();
  /** Number of failed calls, by Gemini's name of the tool. */
  readonly #failedTools = new Map<string, number>();
  /** Tools that Gemini refused to run, as stderr reports them. */
  readonly #refusals: { tool: string; text: string }[] = [];
  readonly #knownPaths = new Set<string>();
  /** The newest error that stops the run. Forgotten when the agent goes on after it. */
  #lastError: string | null = null;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  read(line: string): Reading {
    if (line.trim() === "") return NOTHING;
    const event = parse(line);
    if (event === null) return this.#afterMessage([{ type: "raw", text: line }]);
    switch (event.type) {
      case "init":
        if (isBlank(event.session_id)) return NOTHING;
        return this.#afterMessage([{
          type: "session",
          session_id: event.session_id,
          // "auto" is the router's choice, and no model.
          ...(event.model === undefined || event.model === "auto" ? {} : { model: event.model }),
        }]);
      case "message":
        // A message of the user is an echo of the whole prompt.
        if (event.role === "assistant") {
          this.#chunks.push(event.content);
          this.#lastError = null;
        }
        return NOTHING;
      case "tool_use":
        return this.#toolUse(event);
      case "tool_result":
        return this.#toolResult(event);
      case "error":
        return this.#error(event.severity, saidIn(omitted(event)) ?? "Gemini reported an error");
      case "result":
        return this.#result(event);
    }
  }

  readError(line: string): readonly EventBody[] {
    const refusal = geminiRefusal(line);
    if (refusal !== null) this.#refusals.push(refusal);
    const attempt = geminiAttempt(line);
    return attempt === null ? [] : [attempt];
  }

  /** Tells refusals that stderr has and stdout has not. Only at the end both streams are known whole. */
  finish(): Reading {
    const failed = new Map(this.#failedTools);
    const refused = this.#refusals.flatMap(({ tool, text }, index): EventBody[] => {
      const told = failed.get(tool) ?? 0;
      failed.set(tool, told - 1);
      if (told > 0) return [];
      return [{ type: "tool_call", id: `refused-${index + 1}`, state: "declined", tool, error: text }];
    });
    return this.#afterMessage(refused);
  }

  #toolUse(use: GeminiToolUse): Reading {
    const start = toolUseEvent(use, this.#knownPaths);
    this.#lastError = null;
    this.#calls.set(use.tool_id, start);
    this.#tools.set(use.tool_id, use.tool_name);
    return this.#afterMessage([start]);
  }

  #toolResult(result: GeminiToolResult): Reading {
    const start = this.#calls.get(result.tool_id);
    if (start === undefined) {
      return this.#afterMessage([{ type: "raw", text: JSON.stringify(result) }]);
    }
    this.#calls.delete(result.tool_id);
    const tool = this.#tools.get(result.tool_id);
    if (result.status === "error" && tool !== undefined) {
      this.#failedTools.set(tool, (this.#failedTools.get(tool) ?? 0) + 1);
    }
    if (result.status !== "error") this.#learnPaths(start);
    const end = toolResultEvent(start, result);
    return this.#afterMessage(end === null ? [] : [end, ...modeChange(end)]);
  }

  #learnPaths(start: EventBody): void {
    if (start.type === "file_change") {
      for (const change of start.changes) this.#knownPaths.add(change.path);
    }
    if (start.type !== "tool_call" || start.tool !== "read_file") return;
    const read = z.object({ file_path: z.string() }).safeParse(start.arguments);
    if (read.success) this.#knownPaths.add(read.data.file_path);
  }

  /** A detected loop is called a warning, though Gemini stops there and leaves the work as it is. */
  #error(severity: string, message: string): Reading {
    if (severity !== "error" && !LOOP.test(message)) {
      return this.#afterMessage([{ type: "warning", message }]);
    }
    this.#lastError = message;
    return this.#afterMessage([{ type: "error", message, transient: false }]);
  }

  #result(result: Result): Reading {
    const usage: EventBody[] = result.stats === null || result.stats === undefined
      ? []
      : [{ type: "usage", usage: toUsage(result.stats) }];
    // Gemini reports success even after an error that stopped it.
    if (result.status === "success" && this.#lastError === null) {
      return { ...this.#afterMessage(usage), terminal: { ok: true } };
    }
    const said = Date.parse(result.timestamp ?? "");
    const since = Number.isNaN(said) ? this.#context.startedAt : said;
    // A stream that broke off ends in a result without an error of its own, after an `error` event.
    const message = saidIn(result.error) ?? this.#lastError ??
      `Gemini ended with the status ${result.status}`;
    const { data: type } = ErrorType.safeParse(result.error);
    const failure = geminiFailure({ message, ...type, details: JSON.stringify(result.error ?? "") }, since);
    const told: EventBody[] = message === this.#lastError
      ? []
      : [{ type: "error", message: failure.message, transient: false }];
    return { ...this.#afterMessage([...told, ...usage]), terminal: { ok: false, failure } };
  }

  /** `events`, preceded by the message held back so far, which ends here. */
  #afterMessage(events: readonly EventBody[]): Reading {
    const text = this.#chunks.join("");
    this.#chunks = [];
    return { events: isBlank(text) ? events : [{ type: "message", text }, ...events] };
  }
}

/** The members of an error event that may hold its words. */
function omitted(
  { type: _type, severity: _severity, timestamp: _time, ...words }: Readonly<Record<string, unknown>>,
) {
  return words;
}

/**
 * A warning that Gemini has left its approval mode by `exit_plan_mode`. Our policy file prevents that (see
 * `policy.ts`), except on a machine with an administrator's own policies.
 */
function modeChange(end: EventBody): EventBody[] {
  if (end.type !== "tool_call" || end.tool !== "exit_plan_mode" || end.state !== "completed") return [];
  const message = "Gemini approved a plan of its own: from here on no approval policy limits it";
  return [{ type: "warning", message }];
}

/** The counts of one turn's process. Tokens of thinking are in the total alone; cached ones are part of the input. */
function toUsage({ input_tokens, output_tokens, cached, total_tokens: total }: z.infer<typeof Stats>): Usage {
  const output = total === null || input_tokens === null
    ? output_tokens
    : Math.max(output_tokens ?? 0, total - input_tokens);
  const reasoning = output === null || output_tokens === null ? 0 : output - output_tokens;
  return {
    input_tokens,
    cached_input_tokens: cached === null ? null : Math.min(cached, input_tokens ?? cached),
    output_tokens: output,
    ...(reasoning === 0 ? {} : { reasoning_tokens: reasoning }),
    total_tokens: totalOf(input_tokens, output),
  };
}

function parse(line: string): z.infer<typeof StreamEvent> | null {
  return StreamEvent.safeParse(parsedJson(line)).data ?? null;
}
