/**
 * Room `mcp`: the tool `codex_cancel` of the toolset `codex`: `job_cancel` under its old name.
 *
 * @module
 */
import { defineTool } from "./define_tool.ts";
import { jobCancelSpec } from "./job_cancel.ts";

export const codexCancel = defineTool({
  ...jobCancelSpec,
  name: "codex_cancel",
  title: "Cancel a Codex job",
  description:
    "Ends a pending or running job of codex_start with every process it started, and answers when nothing " +
    "of it is left (up to 10 seconds). Files written stay. An ended job is not changed. " +
    "To stop only waiting, cancel the codex_wait call instead.",
});
