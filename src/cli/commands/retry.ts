/**
 * Room `cli`: the command `retry`.
 *
 * @module
 */
import * as z from "zod";
import { attendOrTell } from "../jobs/attended_job.ts";
import { defineCommand } from "../command.ts";
import { resolveJob } from "../jobs/job_reference.ts";
import { BUDGET_OPTIONS, JSON_OPTION, originOf, TURN_OPTIONS, turnShape } from "../jobs/start_options.ts";
import { Switch, Word } from "../values.ts";

export const retryCommand = defineCommand({
  name: "retry",
  summary: "Start the same again as a new job",
  details:
    "As the job was started: prompt, directory, agent, policy, model, time limit, title and the rest, but for --after. Its context files are read anew, and the environment is that of this terminal. Replies are not repeated.",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last" }],
  options: [
    { flags: "-a, --agent <agent>", summary: "another coding agent, with its own default model" },
    ...TURN_OPTIONS,
    ...BUDGET_OPTIONS,
    { flags: "-w, --wait", summary: "wait for it, printing what the agent does as it comes" },
    { flags: "-f, --follow", summary: "as --wait, with reasoning and the output of commands" },
    JSON_OPTION,
  ],
  examples: [
    { line: "retry last", says: "The newest job once more." },
    { line: "retry last -a claude --wait", says: "The same task for another agent." },
  ],
  json: "a receipt as of start; with --wait the job result, with --follow as of run",
  input: z.object({
    id: Word,
    agent: Word.optional(),
    ...turnShape,
    wait: Switch,
    follow: Switch,
    json: Switch,
  }),
  async run(input, context) {
    const service = await context.service();
    const receipt = await service.retry({
      job_id: await resolveJob(service, input.id, { signal: context.interrupt }),
      agent: input.agent,
      approval_policy: input.policy,
      model: input.model,
      timeout_seconds: input.timeout,
      max_cost_usd: input.maxCost,
      max_tokens: input.maxTokens,
      request_key: input.requestKey,
      origin: originOf(context.io),
    });
    return await attendOrTell(receipt, context, input);
  },
});
