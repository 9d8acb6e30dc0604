/**
 * Room `cli`: the command `show`.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { printJson } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { askWithGroups, resolveJob } from "../jobs/job_reference.ts";
import { jobText } from "../render/job_text.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { count, Switch, Word } from "../values.ts";

export const showCommand = defineCommand({
  name: "show",
  summary: "Show a job: state, result, end of the transcript",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, last, or a group" }],
  options: [
    { flags: "-n, --tail <lines>", summary: "lines of the transcript, 20 unless said otherwise" },
    JSON_OPTION,
  ],
  examples: [{ line: "show last", says: "How the newest job stands." }],
  json: "the job result; of a group { group, jobs: [job result] }",
  input: z.object({ id: Word, tail: count(0, 1_000).default(20), json: Switch }),
  async run(input, context) {
    const options = { signal: context.interrupt };
    const service = await context.service();
    const { stdout, clock } = context.io;
    const poll = (ids: string[]) =>
      Promise.all(ids.map((job_id) => service.poll({ job_id, tail_lines: input.tail }, options)));
    const id = await resolveJob(service, input.id, options);
    const jobs = await askWithGroups(service, [id], poll, options);
    if (input.json) {
      const [only] = jobs;
      await printJson(context, only?.job_id === id ? only : { group: id, jobs });
      return EXIT.done;
    }
    for (const job of jobs) {
      await stdout.write(jobText(job, { style: context.style, output: stdout, now: clock.now() }));
    }
    return EXIT.done;
  },
});
