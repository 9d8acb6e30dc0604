/**
 * Room `mcp`: the tool `codex_queue_status` of the toolset `codex`: `queue_status` under its old name.
 *
 * @module
 */
import { defineTool } from "./define_tool.ts";
import { queueStatusSpec } from "./queue_status.ts";

export const codexQueueStatus = defineTool({
  ...queueStatusSpec,
  name: "codex_queue_status",
  title: "Codex queue",
  description: "What runs, what waits in which order and why, the limits, and which agents are installed. " +
    "For before many codex_start calls, or when a job stays pending. " +
    "Answers at once and changes nothing; ended jobs are in codex_list.",
});
