/**
 * Room `mcp`: the requests about tasks, in the shapes of both eras.
 *
 * @module
 */
import type { Server } from "@modelcontextprotocol/sdk/server";
// @ts-types="@modelcontextprotocol/sdk/types"
import {
  CancelTaskRequestSchema,
  GetTaskPayloadRequestSchema,
  GetTaskRequestSchema,
  ListTasksRequestSchema,
  RequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import type { RequestId } from "../desk/json_rpc.ts";
import type { Caller } from "../desk/modern/envelope.ts";
import type { Person } from "../questions/person.ts";
import type { JobTasks } from "./job_tasks.ts";

const RELATED_KEY = "io.modelcontextprotocol/related-task";

/** The one request of the extension that the SDK does not know. */
const UpdateTaskRequest = RequestSchema.extend({
  method: z.literal("tasks/update"),
  params: z.looseObject({ taskId: z.string() }),
});

export interface ServeTasksOptions {
  tasks: JobTasks;
  /** `undefined` for a request of the older era. */
  callerOf: (id: RequestId) => Caller | undefined;
  /** The person at a host of the older era. */
  personOf: () => Person | undefined;
}

export function serveTasks(server: Server, { tasks, callerOf, personOf }: ServeTasksOptions): void {
  server.setRequestHandler(GetTaskRequestSchema, ({ params }, { requestId, signal }) => {
    const caller = callerOf(requestId);
    return caller === undefined
      ? tasks.older(params.taskId, { signal })
      : tasks.get(params.taskId, caller, { signal });
  });
  server.setRequestHandler(CancelTaskRequestSchema, async ({ params }, { requestId, signal }) => {
    if (callerOf(requestId) === undefined) return await tasks.cancelOlder(params.taskId, { signal });
    await tasks.cancel(params.taskId, { signal });
    return {};
  });
  server.setRequestHandler(UpdateTaskRequest, async ({ params }, { requestId, signal }) => {
    await tasks.update(params.taskId, callerOf(requestId)?.inputResponses ?? {}, { signal });
    return {};
  });
  server.setRequestHandler(GetTaskPayloadRequestSchema, async ({ params: { taskId } }, { signal }) => {
    const result = await tasks.result(taskId, personOf(), signal);
    return { ...result, _meta: { [RELATED_KEY]: { taskId } } };
  });
  server.setRequestHandler(
    ListTasksRequestSchema,
    ({ params }, { signal }) => tasks.list(params?.cursor, { signal }),
  );
}
