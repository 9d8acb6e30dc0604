/**
 * Room `agents`: what the Gemini CLI reports on stderr alone: requests that it repeats, which may take minutes, and
 * tools that it refused to run.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event_body.ts";
import { parseObject } from "../reading/json_line.ts";
import { saidIn } from "../reading/said.ts";

/** `Attempt 2 failed with status 500. Retrying with backoff... _ApiError: {...}` and its relatives. */
const ATTEMPT = /^Attempt (\d+) failed(?: with status (\d+))?[:.]\s*(.*)$/;

/** The text between the number of an attempt and the error that it ended with. */
const RETRYING = /^(?:Retrying with backoff|Retrying after \d+ms)\.{3}\s*/;

const TOOL = /^Error executing tool ([\w.-]+): (.*)$/;

/** Gemini says `not found` of a tool that a policy has denied altogether. */
const REFUSED =
  /^Tool ".*" not found|^Path not in workspace|denied by policy|(?:execution|permission) denied|requires (?:user )?(?:approval|confirmation)/i;

/** Characters that are kept of an attempt's error. */
const WORDS_CHARS = 300;

/** The event for a line of stderr about a failed request that Gemini repeats; `null` for any other line. */
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
