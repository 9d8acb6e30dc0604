/**
 * Room `mcp`: the answer to a start as a task, for a host that wants one. The job is durable by then, as the receipt has
 * promised.
 *
 * @module
 */
import { isoTime } from "../../domain/job/ids.ts";
import { INVALID_PARAMS, METHOD_NOT_FOUND, RpcFault } from "../desk/json_rpc.ts";
import { type Caller, hasExtension } from "../desk/modern/envelope.ts";
import { TASKS_EXTENSION } from "../desk/modern/extensions.ts";
import type { CallResult } from "../tools/definition/call_tool.ts";
import type { Tool, ToolContext } from "../tools/definition/tool.ts";
import { modernTask, olderTask, type TaskJob } from "./job_task.ts";

/** Makes a call and answers it as a task. */
export type TaskAnswer = (
  tool: Tool,
  call: () => Promise<CallResult>,
  context: ToolContext,
) => Promise<CallResult>;

/** What a host of 2025-11-25 may hand to its model while the task goes on. */
const IMMEDIATE_KEY = "io.modelcontextprotocol/model-immediate-response";

/**
 * @param params of the call.
 * @param options.caller of a request of revision 2026-07-28.
 * @param options.olderTasks gets the jobs that became tasks of 2025-11-25.
 * @returns `undefined` where the host wants no task.
 */
export function taskAnswer(
  params: { readonly task?: unknown },
  { caller, olderTasks }: { readonly caller: Caller | undefined; readonly olderTasks: Set<string> },
): TaskAnswer | undefined {
  if (caller !== undefined) return hasExtension(caller, TASKS_EXTENSION) ? modernAnswer : undefined;
  if (params.task === undefined) return undefined;
  return (tool, call, context) => olderAnswer(tool, call, { context, olderTasks });
}

/** The server decides: what starts no job, or has started none, is answered as ever. */
async function modernAnswer(
  tool: Tool,
  call: () => Promise<CallResult>,
  context: ToolContext,
): Promise<CallResult> {
  const result = await call();
  const jobId = startedJob(tool, result);
  if (jobId === null) return result;
  return { content: [], resultType: "task", ...modernTask(await jobOf(jobId, context)) };
}

/** The host decides, and gets a task or an error. */
async function olderAnswer(
  tool: Tool,
  call: () => Promise<CallResult>,
  { context, olderTasks }: { context: ToolContext; olderTasks: Set<string> },
): Promise<CallResult> {
  if (tool.startsJob !== true) throw new RpcFault(METHOD_NOT_FOUND, `${tool.name} cannot be a task`);
  const result = await call();
  const text = result.content.map((part) => part.text).join("\n");
  const jobId = startedJob(tool, result);
  if (jobId === null) throw new RpcFault(INVALID_PARAMS, text);
  olderTasks.add(jobId);
  const task = olderTask(await jobOf(jobId, context));
  return { content: [], task, _meta: { [IMMEDIATE_KEY]: text } };
}

function startedJob({ startsJob }: Tool, { isError, structuredContent }: CallResult): string | null {
  const jobId = structuredContent?.job_id;
  return startsJob === true && isError !== true && typeof jobId === "string" ? jobId : null;
}

/** The job that has just been started; what the receipt says of it where it cannot be looked at. */
async function jobOf(jobId: string, { service, clock, signal }: ToolContext): Promise<TaskJob> {
  try {
    return await service.poll({ job_id: jobId, tail_lines: 0 }, { signal });
  } catch {
    return {
      job_id: jobId,
      status: "pending",
      created_at: isoTime(clock.now()),
      started_at: null,
      finished_at: null,
    };
  }
}
