/**
 * Room `mcp`: one tool call, from raw arguments to the result that the protocol wants.
 *
 * @module
 */
import { isAgentAsyncError } from "../../../domain/errors.ts";
import type { Log } from "../../../system/log.ts";
import { faultText } from "../../views/fault_text.ts";
import { InputRequired } from "../../questions/person.ts";
import type { CallToolResult } from "../../desk/protocol_types.ts";
import type { Tool, ToolContext } from "./tool.ts";

export interface CallResult extends CallToolResult {
  content: { type: "text"; text: string }[];
}

export interface CallToolOptions {
  readonly context: ToolContext;
  readonly log: Log;
  /** Where a person finds the details of a bug. */
  readonly logPath: string;
}

/** Never throws: a failure is a result with `isError`. */
export async function callTool(
  tool: Tool,
  rawArguments: Record<string, unknown>,
  options: CallToolOptions,
): Promise<CallResult> {
  const { context, log, logPath } = options;
  try {
    const { structured, text } = await tool.call(rawArguments, context);
    return { content: [{ type: "text", text }], structuredContent: structured };
  } catch (error) {
    if (error instanceof InputRequired) return { ...error.result, content: [] };
    const isHostGone = context.waitSignal.aborted && !context.signal.aborted;
    if (isHostGone && isAgentAsyncError(error, "cancelled")) return refusal(HOST_GONE);
    if (!isAgentAsyncError(error) || error.code === "internal") {
      const stack = error instanceof Error ? error.stack ?? error.message : String(error);
      log.error(`${tool.name} failed`, { error: stack });
    }
    const { service, words } = context;
    const place = { tool: tool.name, jobId: rawArguments.job_id, service, logPath, words };
    return refusal(await faultText(error, place));
  }
}

/** The answer to a wait whose host has closed its stdin side, and may still read our stdout. */
const HOST_GONE =
  "cancelled: The host has closed its end, which ends this wait. The jobs go on; their results are kept.";

export function refusal(text: string): CallResult {
  return { content: [{ type: "text", text }], isError: true };
}
