/**
 * Room `mcp`: the session behind the front desk: the SDK's server, which knows the protocol's long tail (calls,
 * progress, cancellation, errors). Loaded only when a host has been greeted.
 *
 * @module
 */
import { Server } from "@modelcontextprotocol/sdk/server";
// @ts-types="@modelcontextprotocol/sdk/types"
import {
  type CallToolRequest,
  CallToolRequestSchema,
  ElicitResultSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { Log } from "../../system/log.ts";
import { type CallResult, callTool, refusal } from "../tools/definition/call_tool.ts";
import { asksBeforeCalls, hostToolNames } from "../host_tool_names.ts";
import { answerFence } from "../views/fence.ts";
import type { FrontDeskOptions } from "./front_desk.ts";
import type { Session } from "./late_session.ts";
import { capabilitiesIn } from "./capabilities.ts";
import { DeskTransport } from "./desk_transport.ts";
import { INVALID_PARAMS, RpcFault } from "./json_rpc.ts";
import type { Caller } from "./modern/envelope.ts";
import { PROTOCOL_VERSIONS } from "./protocol_version.ts";
import { JobTasks } from "../tasks/job_tasks.ts";
import { serveTasks } from "../tasks/serve_tasks.ts";
import { type TaskAnswer, taskAnswer } from "../tasks/task_answer.ts";
import { readResource } from "../resources/read_resource.ts";
import { Dialogs } from "../questions/dialogs.ts";
import { canAskAPerson } from "../questions/person.ts";
import { Rounds } from "../questions/rounds.ts";
import type { Subscriptions } from "../feed/subscriptions.ts";
import type { Progress, Tool, ToolContext } from "../tools/definition/tool.ts";

/** As long as a timer can be set for: a person may answer tomorrow. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SdkSessionOptions {
  greeting: FrontDeskOptions["greeting"];
  /** The tools by name; asked at each call, since agents come and go. */
  findTool: (name: string) => Promise<Tool | undefined>;
  subscriptions: Subscriptions;
  /** Gets the jobs that a host of 2025-11-25 has started as tasks. */
  olderTasks: Set<string>;
  /** What every call gets beside its own signals. */
  context: Omit<ToolContext, "signal" | "waitSignal" | "progress" | "fenced" | "hostNames" | "person">;
  /** What the host calls this server; the usual name unless given. */
  serverName?: string | undefined;
  /** Aborted when the host is gone: waits end, other calls are finished. */
  hostGone: AbortSignal;
  /** Whether the host has stopped reading: progress is left out then. */
  isCongested: () => boolean;
  send: (message: unknown) => Promise<void>;
  log: Log;
  logPath: string;
  /** A call has been answered. */
  onCalled: () => void;
  /** A call of a host that can ask a person has been answered. */
  onPersonAsked: () => void;
}

export async function openSdkSession(options: SdkSessionOptions): Promise<Session> {
  const { serverInfo, instructions } = options.greeting;
  // The desk has told the host what it may use; here stands all that any revision has.
  const server = new Server(serverInfo, { capabilities: capabilitiesIn(PROTOCOL_VERSIONS[0]), instructions });
  const rounds = new Rounds();
  const dialogs = new Dialogs((form, signal) =>
    server.request({ method: "elicitation/create", params: form }, ElicitResultSchema, {
      signal,
      timeout: LONGEST_TIMER_MS,
    })
  );
  /** @param caller of a request of revision 2026-07-28. */
  const personAt = (caller: Caller | undefined) => {
    if (!canAskAPerson(caller?.capabilities ?? server.getClientCapabilities())) return undefined;
    return caller === undefined ? dialogs : rounds.personOf(caller);
  };
  server.onerror = (error) => options.log.warn("MCP", { error: error.message });
  server.setRequestHandler(CallToolRequestSchema, async (request, extra) => {
    const caller = transport.callerOf(extra.requestId);
    const token = extra._meta?.progressToken;
    const send = (progress: Progress) => {
      if (options.isCongested() || token === undefined) return;
      const params = { progressToken: token, ...progress };
      void extra.sendNotification({ method: "notifications/progress", params }).catch(() => {});
    };
    const person = personAt(caller);
    const asTask = taskAnswer(request, { caller, olderTasks: options.olderTasks });
    const client = caller?.name ?? server.getClientVersion()?.name;
    const result = await answerCall(request, options, asTask, {
      ...options.context,
      mayAnswer: async () => asksBeforeCalls(client) && await options.context.mayAnswer(),
      fenced: answerFence(),
      hostNames: hostToolNames(client, options.serverName),
      signal: extra.signal,
      waitSignal: AbortSignal.any([extra.signal, options.hostGone]),
      person,
      progress: token === undefined ? undefined : send,
    });
    if (person !== undefined) options.onPersonAsked();
    options.onCalled();
    return result;
  });
  const { context, subscriptions } = options;
  server.setRequestHandler(
    ReadResourceRequestSchema,
    ({ params }, { signal }) => readResource(params.uri, { ...context, fenced: answerFence() }, { signal }),
  );
  server.setRequestHandler(SubscribeRequestSchema, async ({ params }, { signal }) => {
    await subscriptions.add(params.uri, { signal });
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscriptions.remove(params.uri);
    return {};
  });
  const tasks = new JobTasks({ ...context, rounds });
  serveTasks(server, {
    tasks,
    callerOf: (id) => transport.callerOf(id),
    personOf: () => personAt(undefined),
  });
  const transport = new DeskTransport(options.send);
  await server.connect(transport);
  return {
    deliver: (message, caller) => transport.deliver(message, caller),
    close: () => server.close(),
  };
}

async function answerCall(
  request: CallToolRequest,
  options: SdkSessionOptions,
  asTask: TaskAnswer | undefined,
  context: ToolContext,
): Promise<CallResult> {
  const { name, arguments: rawArguments = {} } = request.params;
  // The call was cancelled before it began: no job may be started for it any more.
  if (context.signal.aborted) return refusal("Cancelled before it began");
  const tool = await options.findTool(name);
  if (tool === undefined) {
    const message = `There is no tool ${JSON.stringify(name.slice(0, 100))}: see tools/list`;
    throw new RpcFault(INVALID_PARAMS, message);
  }
  if (asTask === undefined) return await callTool(tool, rawArguments, { ...options, context });
  return await asTask(tool, () => callTool(tool, rawArguments, { ...options, context }), context);
}
