/**
 * Room `mcp`: the requests about tasks, in the shapes of both eras.
 *
 * @module
 */
import { INVALID_PARAMS, RpcFault } from "../desk/json_rpc.ts";
import { type Handler, textIn } from "../desk/rpc_session.ts";
import type { Person } from "../questions/person.ts";
import type { JobTasks } from "./job_tasks.ts";

const RELATED_KEY = "io.modelcontextprotocol/related-task";

/** @param personOf the person at a host of the older era. */
export function taskHandlers(
  tasks: JobTasks,
  personOf: () => Person | undefined,
): Readonly<Record<string, Handler>> {
  return {
    "tasks/get": (params, { caller, signal }) => {
      const taskId = textIn(params, "taskId");
      return caller === undefined ? tasks.older(taskId, { signal }) : tasks.get(taskId, caller, { signal });
    },
    "tasks/cancel": async (params, { caller, signal }) => {
      const taskId = textIn(params, "taskId");
      if (caller === undefined) return await tasks.cancelOlder(taskId, { signal });
      await tasks.cancel(taskId, { signal });
      return {};
    },
    "tasks/update": async (params, { caller, signal }) => {
      await tasks.update(textIn(params, "taskId"), caller?.inputResponses ?? {}, { signal });
      return {};
    },
    "tasks/result": async (params, { signal }) => {
      const taskId = textIn(params, "taskId");
      const result = await tasks.result(taskId, personOf(), signal);
      return { ...result, _meta: { [RELATED_KEY]: { taskId } } };
    },
    "tasks/list": ({ cursor }, { signal }) => {
      if (cursor !== undefined && typeof cursor !== "string") {
        throw new RpcFault(INVALID_PARAMS, "cursor: must be text");
      }
      return tasks.list(cursor, { signal });
    },
  };
}
