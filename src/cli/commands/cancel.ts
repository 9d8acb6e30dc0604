/**
 * Room `cli`: the command `cancel`.
 *
 * @module
 */
import * as z from "zod";
import { plainText } from "../../domain/event/transcript.ts";
import { defineCommand } from "../command.ts";
import { printJson, printSentences } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { requireThere, resolveJobs } from "../jobs/job_reference.ts";
import { commandWords } from "../render/command_words.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch, Word } from "../values.ts";

export const cancelCommand = defineCommand({
  name: "cancel",
  summary: "End jobs and everything that they started",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, last, or a group", isVariadic: true }],
  options: [JSON_OPTION],
  examples: [{ line: "cancel last", says: "Answers when nothing of the job is left running." }],
  json: "{ jobs: [{ job_id, status, message }] }",
  input: z.object({ id: z.array(Word), json: Switch }),
  async run(input, context) {
    const signal = context.interrupt;
    const service = await context.service();
    // All ids are resolved before any job is cancelled: a mistyped id must not leave half of the jobs cancelled.
    const ids = await resolveJobs(service, input.id, { signal });
    if (ids.length > 1) await requireThere(service, ids, { signal });
    const receipts = (await Promise.all(ids.map((job_id) => service.cancel({ job_id }, { signal }))))
      .flatMap(({ jobs, ...receipt }) => jobs ?? [receipt]);
    if (input.json) await printJson(context, { jobs: receipts });
    else {
      for (const { message } of receipts) await printSentences(context, plainText(commandWords(message)));
    }
    return EXIT.done;
  },
});
