/**
 * Room `mcp`: `tools/call`, from the params of the request to the result of its tool, as a task where the host wants one.
 *
 * @module
 */
import { type CallResult, callTool, type CallToolOptions, refusal } from "../tools/definition/call_tool.ts";
import type { Tool } from "../tools/definition/tool.ts";
import { taskAnswer } from "../tasks/task_answer.ts";
import { INVALID_PARAMS, isRecord, RpcFault } from "./json_rpc.ts";
import type { Caller } from "./modern/envelope.ts";
import { type Params, textIn } from "./rpc_session.ts";

export interface AnswerCallOptions extends CallToolOptions {
  findTool: (name: string) => Promise<Tool | undefined>;
  /** Who sends a request of revision 2026-07-28. */
  caller: Caller | undefined;
  /** Gets the jobs that became tasks of 2025-11-25. */
  olderTasks: Set<string>;
}

/** @throws {RpcFault} for a call of no tool; a call that reaches its tool has a result, whatever comes of it. */
export async function answerCall(params: Params, options: AnswerCallOptions): Promise<CallResult> {
  const { context, caller, olderTasks } = options;
  const name = textIn(params, "name");
  const { arguments: given = {} } = params;
  if (!isRecord(given)) return refusal(noObject(name, given));
  // The call was cancelled before it began: no job may be started for it any more.
  if (context.signal.aborted) return refusal("Cancelled before it began");
  const tool = await options.findTool(name);
  if (tool === undefined) {
    const message = `There is no tool ${JSON.stringify(name.slice(0, 100))}: see tools/list`;
    throw new RpcFault(INVALID_PARAMS, message);
  }
  const call = () => callTool(tool, given, options);
  const asTask = taskAnswer({ task: params.task }, { caller, olderTasks });
  return asTask === undefined ? await call() : await asTask(tool, call, context);
}

/** A result and no protocol error, so that the model that made the call reads it. */
function noObject(name: string, given: unknown): string {
  const kind = Array.isArray(given) ? "array" : typeof given;
  return `invalid_argument: the arguments of ${name.slice(0, 100)} must be an object, not of type ${kind}\n` +
    "Nothing was done. Next: the same call with an object.";
}
