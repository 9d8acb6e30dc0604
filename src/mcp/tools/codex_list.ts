/**
 * Room `mcp`: the tool `codex_list` of the toolset `codex`: `job_list` under its old name.
 *
 * @module
 */
import * as z from "zod";
import { defineTool } from "./define_tool.ts";
import { jobListSpec } from "./job_list.ts";

export const codexList = defineTool({
  ...jobListSpec,
  name: "codex_list",
  title: "List Codex jobs",
  description:
    "The newest jobs first, of other sessions and agents too: to find a job id again. Answers at once, " +
    "without results and transcripts (codex_poll has them); what runs now is in codex_queue_status.",
  input: z.object({ limit: jobListSpec.input.shape.limit }),
});
