/**
 * Room `mcp`: the tool `codex_poll` of the toolset `codex`: `job_poll` under its old name.
 *
 * @module
 */
import * as z from "zod";
import { defineTool } from "../define_tool.ts";
import { JobOutput } from "../job_view.ts";
import { jobPollSpec } from "./job_poll.ts";

export const codexPoll = defineTool({
  ...jobPollSpec,
  name: "codex_poll",
  title: "Look at a Codex job",
  description:
    "The state of one job now: status, exit code and the end of its transcript, with its result if it " +
    "has ended. Answers at once and changes nothing. To wait for the end use codex_wait, do not poll in a loop; " +
    "codex_list finds a job id again.",
  output: JobOutput.extend({
    exit_code: z.number().nullish(),
    started_at: z.string().nullish(),
    finished_at: z.string().nullish(),
    prompt: z.string().optional(),
    cwd: z.string().optional(),
  }),
});
