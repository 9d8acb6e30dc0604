/**
 * Room `domain`: renders events as text for people: in `output.txt`, in `job_poll` and on a terminal. An agent's text
 * is untrusted, so terminal control sequences are removed here, once for every reader.
 *
 * @module
 */
import type { ActionState, EventBody } from "./event_body.ts";
import { unknownEvent } from "./event.ts";
import { answerText, questionText } from "../question/question_text.ts";
import type { Usage } from "../turn/usage.ts";

/** Lines of a command's output that a transcript shows; the event keeps all of it. */
export const COMMAND_OUTPUT_LINES = 20;

/**
 * The event as transcript lines, each ended by a newline; "" for one that a person need not see.
 *
 * @param outputLines most lines of a command's or tool's output; longer output keeps its first and last lines
 */
export function renderEvent(event: EventBody, outputLines = COMMAND_OUTPUT_LINES): string {
  return lines(plainText(eventText(event, outputLines)));
}

function eventText(event: EventBody, outputLines: number): string {
  switch (event.type) {
    case "session":
      return `[session ${event.session_id}${event.model === undefined ? "" : `, ${event.model}`}]`;
    case "message":
      return `\n${event.text}\n`;
    case "reasoning":
      return event.text.split("\n").map((line) => `  ~ ${line}`).join("\n");
    case "command":
      return event.state === "started"
        ? `$ ${event.command}`
        : event.ended === true
        ? `[the command still ran when the turn ended, and was ended: ${firstLine(event.command)}]`
        : commandEnd(event, outputLines);
    case "file_change":
      if (event.state === "started" || event.ended === true) return "";
      return event.changes.map((change) => `[${changeVerb(change.kind, event.state)} ${change.path}]`).join(
        "\n",
      );
    case "tool_call": {
      const tool = event.server === undefined ? event.tool : `${event.server}.${event.tool}`;
      if (event.state === "started") return `[tool ${tool}]`;
      if (event.ended === true) return `[tool ${tool} ended with the turn]`;
      const end = event.error ?? event.result;
      return `[tool ${tool} ${event.state}]${
        end === undefined ? "" : `\n${indent(clipLines(end, outputLines))}`
      }`;
    }
    case "web_search":
      return `[web search: ${event.query}]`;
    case "plan":
      return event.items.map((item) => `  [${item.done ? "x" : " "}] ${item.text}`).join("\n");
    case "usage":
      // A turn that failed before its model answered has used nothing.
      return event.so_far === true || event.usage.total_tokens === 0 ? "" : `[${usageText(event.usage)}]`;
    case "warning":
      return `[warning: ${event.message}]`;
    case "error":
      return event.transient ? `[retrying: ${event.message}]` : `[error: ${event.message}]`;
    case "status":
      return `[${event.message}]`;
    case "raw":
      return event.text;
    case "question":
      return questionText(event);
    case "answer":
      return `[${answerText(event)}]`;
    case "check":
      return checkText(event, outputLines);
    default:
      return unknownEvent(event);
  }
}

function commandEnd(
  { state, exit_code: exitCode, output }: Extract<EventBody, { type: "command" }>,
  outputLines: number,
): string {
  const isSilent = output === undefined || output.trim() === "";
  const said = isSilent ? "" : `${indent(clipLines(output.trimEnd(), outputLines))}\n`;
  if (state === "completed" && (exitCode ?? 0) === 0) {
    return exitCode === 0 ? `${said}[exit 0]` : said.trimEnd();
  }
  const code = exitCode === undefined ? "" : ` (exit ${exitCode})`;
  return `${said}[command ${state}${code}]`;
}

function checkText(
  { state, command, attempt, exit_code: code, seconds, output = "" }: Extract<EventBody, { type: "check" }>,
  outputLines: number,
): string {
  const again = attempt === 1 ? "" : ` (attempt ${attempt})`;
  if (state === "started") return `[check${again}: ${firstLine(command)}]`;
  const said = output.trim() === "" ? "" : `${indent(clipLines(output.trimEnd(), outputLines))}\n`;
  const exit = typeof code === "number" ? ` (exit ${code})` : "";
  const time = seconds === undefined ? "" : ` after ${seconds.toFixed(1)} s`;
  return `${said}[check ${state}${exit}${time}]`;
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > COMMAND_CHARS ? `${line.slice(0, COMMAND_CHARS - 1)}…` : line;
}

/** Characters of a command's first line when the command is named a second time. */
const COMMAND_CHARS = 120;

function changeVerb(kind: "add" | "update" | "delete", state: ActionState): string {
  if (state !== "completed") return `file change ${state}:`;
  const verbs = { add: "added", update: "changed", delete: "deleted" };
  return Object.hasOwn(verbs, kind) ? verbs[kind] : `file change (${kind}):`;
}

/** Tokens and cost in one phrase, for people. What is not known is told as unknown, or left out where it is a detail. */
export function usageText(usage: Usage): string {
  const { input_tokens, cached_input_tokens: cached, output_tokens, cost_usd } = usage;
  const cost = cost_usd === undefined ? "" : `, $${cost_usd.toFixed(4)}`;
  if (input_tokens === null && output_tokens === null) return `tokens unknown${cost}`;
  const cachedText = cached === null || cached === 0 ? "" : ` (${cached} cached)`;
  return `${input_tokens ?? "unknown"} tokens in${cachedText}, ${output_tokens ?? "unknown"} out${cost}`;
}

function clipLines(text: string, most: number): string {
  const shownLast = Math.floor(most / 2);
  let newlines = 0;
  let headEnd = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    if (++newlines === most - shownLast) headEnd = at;
  }
  if (newlines < most) return text;
  let tailStart = text.length;
  for (let lines = shownLast; lines > 0; lines--) {
    tailStart = text.lastIndexOf("\n", tailStart - 1);
  }
  const left = newlines + 1 - most;
  return `${text.slice(0, headEnd)}\n... ${left} more lines ...${text.slice(tailStart)}`;
}

function indent(text: string): string {
  return `  ${text.replaceAll("\n", "\n  ")}`;
}

function lines(text: string): string {
  return text === "" ? "" : `${text}\n`;
}

/** Everything that {@link plainText} removes begins with one of these. Nearly every text has none. */
// deno-lint-ignore no-control-regex -- control characters are what this finds
const ACTS_ON_TERMINAL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/**
 * `text` without what acts on a terminal. Removed are escape sequences (CSI, OSC, DCS and the two-character ones, also
 * in their 8-bit forms), control characters except tab and newline, and marks that reorder text. A carriage return
 * becomes a newline.
 */
export function plainText(text: string): string {
  if (!ACTS_ON_TERMINAL.test(text)) return text;
  return text
    .replace(/\r\n?/g, "\n")
    // deno-lint-ignore no-control-regex -- control characters are what this removes
    .replace(/(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?/g, "")
    // deno-lint-ignore no-control-regex -- as above
    .replace(/(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?/g, "")
    // deno-lint-ignore no-control-regex -- as above
    .replace(/(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?/g, "")
    // deno-lint-ignore no-control-regex -- as above
    .replace(/\x1b[ -/]*[0-~]?/g, "")
    // deno-lint-ignore no-control-regex -- as above
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "")
    // Directional overrides make a line look like another one.
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
}

/** The last `count` lines of `text`, at most its last `chars` UTF-16 units. `cut`: whether anything was left out. */
export function lastLines(text: string, count: number, chars: number): { text: string; cut: boolean } {
  if (text === "") return { text: "", cut: false };
  const all = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
  let tail = (count === 0 ? [] : all.slice(-count)).join("\n");
  const cut = all.length > count || tail.length > chars;
  if (tail.length > chars) {
    tail = tail.slice(-chars);
    const code = tail.charCodeAt(0);
    if (code >= 0xdc00 && code <= 0xdfff) tail = tail.slice(1);
  }
  return { text: tail, cut };
}
