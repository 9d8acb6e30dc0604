/**
 * Room `cli`: the command `start`.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { printJson, tell } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { receiptText } from "../render/receipt_text.ts";
import { JOB_OPTIONS, jobShape, JSON_OPTION, PROMPT_ARGUMENT, startJob } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const startCommand = defineCommand({
  name: "start",
  summary: "Start a job in the background and print its id",
  arguments: [PROMPT_ARGUMENT],
  options: [...JOB_OPTIONS, JSON_OPTION],
  examples: [
    {
      line: `start "write the tests for src/parser.ts"`,
      says: "Answers as soon as the job is safe on disk.",
    },
    { line: `start --after last "review what the job before did"`, says: "Begins when that job is done." },
  ],
  json: "a receipt: { job_id, agent, status, turn, position?, waiting_for?, cursor, message }",
  input: z.object({ ...jobShape, json: Switch }),
  async run(input, context) {
    const receipt = await startJob(input, context);
    if (input.json) {
      await printJson(context, receipt);
    } else {
      await context.io.stdout.write(`${receipt.job_id}\n`);
      await tell(context, receiptText(receipt));
    }
    return EXIT.done;
  },
});
