/**
 * Room `cli`: the command `run`.
 *
 * @module
 */
import * as z from "zod";
import { attend } from "../jobs/attended_job.ts";
import { defineCommand } from "../command.ts";
import { tell } from "../context.ts";
import { receiptText } from "../render/receipt_text.ts";
import { JOB_OPTIONS, jobShape, PROMPT_ARGUMENT, startJob } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const runCommand = defineCommand({
  name: "run",
  summary: "Start a job and watch it to its end",
  details:
    "Prints what the agent says and does as it comes. Ctrl-C asks whether to leave the job running or to cancel it.",
  arguments: [PROMPT_ARGUMENT],
  options: [
    ...JOB_OPTIONS,
    { flags: "-f, --follow", summary: "print everything: reasoning, and all that commands print" },
    { flags: "-q, --quiet", summary: "print nothing but the agent's final message" },
    {
      flags: "--json",
      summary: "print the job result as JSON; with --follow, a line for each event before it",
    },
  ],
  examples: [
    { line: `run "fix the failing test"`, says: "Codex works in the current directory." },
    { line: `run -C ../site -p suggest -q "what does this project do?"`, says: "Prints only the answer." },
    { line: "run --json - < task.md", says: "The prompt from a file, the result for a program." },
  ],
  json: "the job result; with --follow a line for each event, then the job result with the type result",
  input: z.object({ ...jobShape, follow: Switch, quiet: Switch, json: Switch }),
  async run(input, context) {
    const receipt = await startJob(input, context);
    if (!input.quiet && !input.json) await tell(context, receiptText(receipt));
    return await attend(receipt, context, {
      isFollowing: input.follow,
      isQuiet: input.quiet,
      isJson: input.json,
    });
  },
});
