/**
 * Room `cli`: reads what a `PostToolUse` hook of Claude Code says of a tool call. Never throws: the answer is `null`
 * unless the call
 * was a start, a reply or an answer of this server and named a job.
 *
 * @module
 */
import * as z from "zod";
import { JobId } from "../domain/job/ids.ts";
import { parsedJson } from "../domain/reading/parsed_json.ts";

/** The turn that a tool call has asked for. */
export interface HookedTurn {
  readonly jobId: string;
  /** The turn's number, if the answer of the tool names it. */
  readonly turn: number | undefined;
}

export interface HookCall extends HookedTurn {
  /** The name of the tool, without the prefix of its server. */
  readonly tool: string;
  /** The prefix of this server's tools, such as `mcp__SERVER__`. */
  readonly prefix: string;
}

const HookInput = z.object({
  tool_name: z.string(),
  /** Claude Code calls the answer of the tool `tool_response`; other versions call it `tool_output`. */
  tool_response: z.unknown().optional(),
  tool_output: z.unknown().optional(),
});

/**
 * Matches `mcp__SERVER__TOOL` for tools that start a job or let it go on. SERVER is any name, since the user chooses it.
 */
const STARTING_TOOL = /^(mcp__.+__)([a-z][a-z0-9_-]*_start|job_reply|job_answer|codex_async_reply)$/;

/** Matches the beginning of a receipt in an answer that is plain text. */
const RECEIPT_TEXT = /^Job ([0-9a-z]{8}), [a-z][a-z0-9_-]*, turn (\d+): /;

/**
 * Levels of nesting that are searched for a job: a response has content, the content has text, the text may be JSON.
 */
const DEEPEST = 6;

/**
 * The start or reply that the hook reports; `null` for any other call.
 *
 * @param text standard input of the hook.
 */
export function readHookCall(text: string): HookCall | null {
  const input = HookInput.safeParse(parsedJson(text));
  if (!input.success) return null;
  const { tool_name, tool_response, tool_output } = input.data;
  const [, prefix, tool] = STARTING_TOOL.exec(tool_name) ?? [];
  if (prefix === undefined || tool === undefined) return null;
  const turn = findTurn(tool_response, DEEPEST) ?? findTurn(tool_output, DEEPEST);
  return turn === null ? null : { ...turn, tool, prefix };
}

function findTurn(value: unknown, depth: number): HookedTurn | null {
  if (depth === 0) return null;
  if (typeof value === "string") return findTurn(parsedJson(value), depth - 1) ?? fromReceiptText(value);
  if (Array.isArray(value)) return firstTurn(value, depth);
  if (!isRecord(value) || value.isError === true) return null;
  const id = JobId.safeParse(value.job_id);
  if (id.success) {
    return { jobId: id.data, turn: typeof value.turn === "number" ? value.turn : undefined };
  }
  return firstTurn([value.structuredContent, value.content, value.text, value.result], depth);
}

function firstTurn(values: readonly unknown[], depth: number): HookedTurn | null {
  for (const value of values) {
    const found = findTurn(value, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

function fromReceiptText(text: string): HookedTurn | null {
  const [, id, turn] = RECEIPT_TEXT.exec(text) ?? [];
  return id !== undefined && JobId.safeParse(id).success ? { jobId: id, turn: Number(turn) } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
