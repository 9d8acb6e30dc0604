/**
 * Room `cli`: the command `reply`.
 *
 * @module
 */
import * as z from "zod";
import { attendOrTell } from "../jobs/attended_job.ts";
import { defineCommand } from "../command.ts";
import { resolveJob } from "../jobs/job_reference.ts";
import {
  BUDGET_OPTIONS,
  JSON_OPTION,
  originOf,
  PROMPT_ARGUMENT,
  promptText,
  TURN_OPTIONS,
  turnShape,
} from "../jobs/start_options.ts";
import { Switch, Word } from "../values.ts";

export const replyCommand = defineCommand({
  name: "reply",
  summary: "Give a job a further task in the same agent session",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last" }, PROMPT_ARGUMENT],
  options: [
    ...TURN_OPTIONS,
    ...BUDGET_OPTIONS,
    { flags: "--now", summary: "tell the agent as it works; one that cannot be told is interrupted for it" },
    { flags: "-w, --wait", summary: "wait for it, printing what the agent does as it comes" },
    { flags: "-f, --follow", summary: "as --wait, with reasoning and the output of commands" },
    JSON_OPTION,
  ],
  examples: [
    { line: `reply last --wait "now do the same for the other parser"`, says: "The agent still knows." },
    { line: `reply last --now "leave the tests alone"`, says: "It hears that while it works." },
  ],
  json: "a receipt as of start; with --wait the job result, with --follow as of run",
  input: z.object({
    id: Word,
    prompt: z.string(),
    ...turnShape,
    now: Switch,
    wait: Switch,
    follow: Switch,
    json: Switch,
  }),
  async run(input, context) {
    const service = await context.service();
    const receipt = await service.reply({
      job_id: await resolveJob(service, input.id, { signal: context.interrupt }),
      prompt: await promptText(input.prompt, context),
      when: input.now ? "now" : undefined,
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
