/**
 * Room `mcp`: the toolset `codex`: what an earlier server for Codex alone offered. Its names are promised, whatever is
 * installed.
 *
 * @module
 */
import * as z from "zod";
import type { Tool } from "../definition/tool.ts";
import { jobAnswer, JobOutput, jobOutput } from "../../views/job_answer.ts";
import { agentStartSpec, START_PARAMETERS } from "../jobs/agent_start.ts";
import { jobCancelSpec } from "../jobs/job_cancel.ts";
import { jobListSpec } from "../jobs/job_list.ts";
import { jobPollSpec } from "../jobs/job_poll.ts";
import { queueStatusSpec } from "../jobs/queue_status.ts";
import { agentWait } from "./agent_wait.ts";
import { alias, aliasTaking } from "./alias.ts";
import { codexAwaitAny } from "./codex_await_any.ts";

const { prompt, cwd, approval_policy } = START_PARAMETERS;

/** Its callers read these facts also where `job_poll` leaves them out. */
const PolledJobOutput = JobOutput.extend({
  exit_code: z.number().nullish(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
  prompt: z.string().optional(),
  cwd: z.string().optional(),
});

export const CODEX_TOOLSET: readonly Tool[] = [
  aliasTaking(z.object({ prompt, cwd, approval_policy }), agentStartSpec("codex"), {
    name: "codex_start",
    title: "Start a Codex CLI job",
    description:
      "Hands a coding task to Codex CLI as a background job and answers with its job_id at once. " +
      "For work of over a minute or beside yours. Then do other work and codex_wait, or look with codex_poll. " +
      "Jobs outlive this session; those that may write in one git work tree run one by one. " +
      "It does not wait; its agent asks only under policy ask.",
    asToday: (args) => args,
  }),
  alias(jobPollSpec, {
    name: "codex_poll",
    title: "Look at a Codex job",
    description:
      "The state of one job now: status, exit code and the end of its transcript, with its result if it " +
      "has ended. Answers at once and changes nothing. To wait for the end use codex_wait, do not poll in a loop; " +
      "codex_list finds a job id again.",
    output: PolledJobOutput,
    async run(args, context) {
      const job = await context.service.poll(args, { signal: context.signal });
      const { exit_code, started_at, finished_at, prompt, cwd } = job;
      const always = { exit_code, started_at, finished_at };
      return jobAnswer(job, context, (detail) => ({
        ...always,
        ...(detail.note === 0 ? {} : { output: jobOutput(job, detail, context), prompt, cwd }),
      }));
    },
  }),
  agentWait("codex"),
  codexAwaitAny,
  aliasTaking(z.object({ limit: jobListSpec.input.shape.limit }), jobListSpec, {
    name: "codex_list",
    title: "List Codex jobs",
    description:
      "The newest jobs first, of other sessions and agents too: to find a job id again. Answers at once, " +
      "without results and transcripts (codex_poll has them); what runs now is in codex_queue_status.",
    asToday: (args) => args,
  }),
  alias(jobCancelSpec, {
    name: "codex_cancel",
    title: "Cancel a Codex job",
    description:
      "Ends a pending or running job of codex_start with every process it started, and answers when nothing " +
      "of it is left (up to 10 seconds). Files written stay. An ended job is not changed. " +
      "To stop only waiting, cancel the codex_wait call instead.",
  }),
  alias(queueStatusSpec, {
    name: "codex_queue_status",
    title: "Codex queue",
    description:
      "What runs, what waits in which order and why, the limits, and which agents are installed. " +
      "For before many codex_start calls, or when a job stays pending. " +
      "Answers at once and changes nothing; ended jobs are in codex_list.",
  }),
];
