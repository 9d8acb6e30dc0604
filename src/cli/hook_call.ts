/**
 * Room `cli`: what a `PostToolUse` hook of Claude Code says of a tool call. Total: whatever is not a start or a reply
 * of ours that was answered with a job is nobody's business.
 *
 * @module
 */
import * as z from "zod";
import { JobId } from "../domain/job/ids.ts";
import { parsedJson } from "../domain/reading/parsed_json.ts";

/** A turn of a job that a tool call has just asked for. */
export interface HookedTurn {
  readonly jobId: string;
  /** When the answer names it. */
  readonly turn: number | undefined;
}

export interface HookCall extends HookedTurn {
  /** The tool that was called, without its server. */
  readonly tool: string;
  /** What stands before the names of this server's tools: `mcp__SERVER__`. */
  readonly prefix: string;
}

const HookInput = z.object({
  tool_name: z.string(),
  /** Newer and older names of one thing. */
  tool_response: z.unknown().optional(),
  tool_output: z.unknown().optional(),
});

/** `mcp__SERVER__TOOL`: the server has the name that the user gave it. */
const STARTING_TOOL = /^(mcp__.+__)([a-z][a-z0-9_-]*_start|job_reply|codex_async_reply)$/;

/** An answer that is only text: how a receipt begins. */
const RECEIPT_TEXT = /^Job ([0-9a-z]{8}), [a-z][a-z0-9_-]*, turn (\d+): /;

/** Shapes within shapes: text of content of a response. */
const DEEPEST = 6;

/** @param text the hook's standard input. */
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
