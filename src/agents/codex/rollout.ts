/**
 * Room `agents`: the record that Codex keeps of a thread, `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-<time>-<thread>.jsonl`.
 * It counts tokens after every answer of the model; `codex exec` tells them only at the end of a turn that went well.
 *
 * @module
 */
import * as z from "zod";
import { totalOf, type Usage } from "../../domain/turn/usage.ts";
import type { SessionRecord } from "../session_record.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { TokenCount } from "../reading/token_count.ts";

const CountLine = z.object({
  timestamp: z.string(),
  type: z.literal("event_msg"),
  payload: z.object({
    type: z.literal("token_count"),
    info: z.object({
      total_token_usage: z.object({
        input_tokens: TokenCount,
        cached_input_tokens: TokenCount,
        output_tokens: TokenCount,
        reasoning_output_tokens: TokenCount.optional(),
      }),
    }),
  }),
});

const DAY_MS = 86_400_000;

/** `null` for a thread whose id does not tell when it began, or without a home. */
export function codexRollout(
  threadId: string,
  env: Readonly<Record<string, string>>,
): SessionRecord | null {
  const began = timeOf(threadId);
  const home = env["CODEX_HOME"] || (env["HOME"] ? `${env["HOME"]}/.codex` : "");
  if (began === null || home === "") return null;
  return {
    // Its directory is that of the day it began, in the time zone of its machine.
    directories: [0, -DAY_MS, DAY_MS].map((shift) =>
      `${home}/sessions/${new Date(began + shift).toISOString().slice(0, 10).replaceAll("-", "/")}`
    ),
    isNamed: (name) => name.startsWith("rollout-") && name.endsWith(`-${threadId}.jsonl`),
    readUsage,
  };
}

/** A thread's id is a UUID of version 7, which begins with a time in ms. */
function timeOf(threadId: string): number | null {
  const digits = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.exec(threadId);
  return digits === null ? null : Number.parseInt(`${digits[1]}${digits[2]}`, 16);
}

function readUsage(end: string, since: number): Usage | null {
  for (const line of end.split("\n").reverse()) {
    if (!line.includes("token_count")) continue;
    const count = CountLine.safeParse(parsedJson(line));
    if (!count.success) continue;
    if (!(Date.parse(count.data.timestamp) >= since)) return null;
    const used = count.data.payload.info.total_token_usage;
    return {
      input_tokens: used.input_tokens,
      cached_input_tokens: used.cached_input_tokens,
      output_tokens: used.output_tokens,
      ...(typeof used.reasoning_output_tokens === "number"
        ? { reasoning_tokens: used.reasoning_output_tokens }
        : {}),
      total_tokens: totalOf(used.input_tokens, used.output_tokens),
    };
  }
  return null;
}
