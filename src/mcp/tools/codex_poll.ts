/**
 * Room `mcp`: the tool `codex_poll` of the toolset `codex`: `job_poll` under its old name.
 *
 * @module
 */
import * as z from "zod";
import { defineTool } from "./define_tool.ts";
import { jobAnswer, JobOutput, jobOutput } from "../views/job_view.ts";
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
  async run(args, context) {
    const job = await context.service.poll(args, { signal: context.signal });
    const { exit_code, started_at, finished_at, prompt, cwd } = job;
    const always = { exit_code, started_at, finished_at };
    return jobAnswer(job, context, (detail) => ({
      ...always,
      ...(detail.note === 0 ? {} : { output: jobOutput(job, detail, context), prompt, cwd }),
    }));
  },
});
