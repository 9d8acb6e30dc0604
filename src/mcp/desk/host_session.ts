/**
 * Room `mcp`: the session behind the front desk: calls with their progress, resources, subscriptions, tasks, and what
 * the person at the host is asked. Loaded at the first request that needs it.
 *
 * @module
 */
import type { Log } from "../../system/log.ts";
import { asksBeforeCalls, hostToolNames } from "../host_tool_names.ts";
import { answerFence } from "../views/fence.ts";
import type { Session } from "./late_session.ts";
import { answerCall } from "./answer_call.ts";
import { INVALID_REQUEST, isRecord, RpcFault } from "./json_rpc.ts";
import type { Caller } from "./modern/envelope.ts";
import { type Handler, type Params, RpcSession, textIn } from "./rpc_session.ts";
import { JobTasks } from "../tasks/job_tasks.ts";
import { taskHandlers } from "../tasks/task_handlers.ts";
import { readResource } from "../resources/read_resource.ts";
import { Dialogs } from "../questions/dialogs.ts";
import { canAskAPerson } from "../questions/person.ts";
import { Rounds } from "../questions/rounds.ts";
import type { Subscriptions } from "../feed/subscriptions.ts";
import type { Tool, ToolContext } from "../tools/definition/tool.ts";

export interface HostSessionOptions {
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

/** What a host of the older era has said of itself when it greeted. */
interface Greeter {
  readonly name: string | undefined;
  readonly capabilities: Params | undefined;
}

export function openHostSession(options: HostSessionOptions): Session {
  const { context, subscriptions, send } = options;
  let greeter: Greeter = { name: undefined, capabilities: undefined };
  const rounds = new Rounds();
  const dialogs = new Dialogs((form, signal) => session.ask("elicitation/create", form, signal));
  /** @param caller of a request of revision 2026-07-28. */
  const personAt = (caller: Caller | undefined) => {
    if (!canAskAPerson(caller?.capabilities ?? greeter.capabilities)) return undefined;
    return caller === undefined ? dialogs : rounds.personOf(caller);
  };
  const call: Handler = async (params, { caller, signal }) => {
    const client = caller?.name ?? greeter.name;
    const person = personAt(caller);
    const result = await answerCall(params, {
      ...options,
      caller,
      context: {
        ...context,
        mayAnswer: async () => asksBeforeCalls(client) && await context.mayAnswer(),
        fenced: answerFence(),
        hostNames: hostToolNames(client, options.serverName),
        signal,
        waitSignal: AbortSignal.any([signal, options.hostGone]),
        person,
        progress: progressOf(params, signal, options),
      },
    });
    if (person !== undefined) options.onPersonAsked();
    options.onCalled();
    return result;
  };
  const session: RpcSession = new RpcSession({
    send,
    handlers: {
      // The desk has answered it; here is heard what the host is.
      initialize: ({ clientInfo, capabilities }) => {
        const name = isRecord(clientInfo) && typeof clientInfo.name === "string"
          ? clientInfo.name
          : undefined;
        greeter = { name, capabilities: isRecord(capabilities) ? capabilities : undefined };
        return Promise.resolve({});
      },
      "tools/call": call,
      "resources/read": (params, { signal }) =>
        readResource(textIn(params, "uri"), { ...context, fenced: answerFence() }, { signal }),
      "resources/subscribe": async (params, { signal }) => {
        await subscriptions.add(textIn(params, "uri"), { signal });
        return {};
      },
      "resources/unsubscribe": (params) => {
        subscriptions.remove(textIn(params, "uri"));
        return Promise.resolve({});
      },
      ...taskHandlers(new JobTasks({ ...context, rounds }), () => personAt(undefined)),
    },
  });
  return session;
}

/** Tells the host how a call goes on, if it has asked for that. @throws {RpcFault} for what is no token. */
function progressOf(
  { _meta: meta }: Params,
  signal: AbortSignal,
  { isCongested, send }: Pick<HostSessionOptions, "isCongested" | "send">,
): ToolContext["progress"] {
  const { progressToken = null } = isRecord(meta) ? meta : {};
  if (progressToken === null) return undefined;
  if (typeof progressToken !== "string" && !Number.isSafeInteger(progressToken)) {
    throw new RpcFault(INVALID_REQUEST, "_meta.progressToken: must be text or a whole number");
  }
  return (update) => {
    if (isCongested() || signal.aborted) return;
    void send({ jsonrpc: "2.0", method: "notifications/progress", params: { progressToken, ...update } });
  };
}
