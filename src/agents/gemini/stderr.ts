/**
 * Room `agents`: what the Gemini CLI tells on stderr alone: that it tries again (for minutes), and the tools that it
 * would not run.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event.ts";
import { parseObject } from "../reading/json_line.ts";
import { saidIn } from "../reading/said.ts";

/** `Attempt 2 failed with status 500. Retrying with backoff... _ApiError: {...}` and its relatives. */
const ATTEMPT = /^Attempt (\d+) failed(?: with status (\d+))?[:.]\s*(.*)$/;

/** What stands between an attempt and its error. */
const RETRYING = /^(?:Retrying with backoff|Retrying after \d+ms)\.{3}\s*/;

const TOOL = /^Error executing tool ([\w.-]+): (.*)$/;

/** Tools that a policy leaves out are not known to it. */
const REFUSED =
  /^Tool ".*" not found|^Path not in workspace|denied by policy|(?:execution|permission) denied|requires (?:user )?(?:approval|confirmation)/i;

/** Characters of the words of an attempt. */
const WORDS_CHARS = 300;

/** What a line of stderr tells of an attempt that failed and is made again; `null` for any other. */
export function geminiAttempt(line: string): EventBody | null {
  const [, attempt, status, rest = ""] = ATTEMPT.exec(line) ?? [];
  if (attempt === undefined) return null;
  const words = errorWords(rest.replace(RETRYING, ""));
  const why = [status === undefined ? "" : `the model's server answered ${status}`, words]
    .filter((part) => part !== "").join(", ");
  return {
    type: "error",
    message: `Attempt ${attempt} failed${why === "" ? "" : `: ${why}`}`.slice(0, WORDS_CHARS),
    transient: true,
  };
}

/** A tool that was not run, by a line of stderr; `null` for any other line, and for a tool that failed. */
export function geminiRefusal(line: string): { tool: string; text: string } | null {
  const [, tool, text = ""] = TOOL.exec(line) ?? [];
  return tool === undefined || !REFUSED.test(text) ? null : { tool, text };
}

/** `Error: exception TypeError: fetch failed`, or `_ApiError: {...}` with the words inside of the JSON. */
function errorWords(text: string): string {
  const start = text.indexOf("{");
  const body = start < 0 ? null : parseObject(text.slice(start));
  if (body !== null) return saidIn(body) ?? "";
  return text.replace(/^\w*Error: (?:exception )?/, "").replace(/\s*Retrying after \d+ms\.{3}$/, "").trim();
}
