/**
 * Room `cli`: `logs`.
 *
 * @module
 */
import * as z from "zod";
import { plainText } from "../../domain/transcript.ts";
import { defineCommand } from "../command.ts";
import { printJson, printJsonLine } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { transcriptPages } from "../follow.ts";
import { resolveJob } from "../job_reference.ts";
import { withProgress } from "../progress_line.ts";
import { Switch, Word } from "../values.ts";

export const logsCommand = defineCommand({
  name: "logs",
  summary: "Print the transcript of a job",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last" }],
  options: [
    { flags: "-f, --follow", summary: "go on as it grows, until the job has ended" },
    { flags: "--json", summary: "print JSON; with --follow, a line for each piece" },
  ],
  examples: [{ line: "logs -f last", says: "Watches the newest job." }],
  json: "{ job_id, status, text, offset }; with --follow one such line for each piece",
  input: z.object({ id: Word, follow: Switch, json: Switch }),
  async run(input, context) {
    const signal = context.interrupt;
    const service = await context.service();
    const jobId = await resolveJob(service, input.id, { signal });
    const pieces: string[] = [];
    const followed = transcriptPages(service, jobId, { offset: 0, isFollowing: input.follow, signal });
    for await (const page of withProgress(followed, { service, jobId }, context)) {
      const { text, offset, status, more } = page;
      if (!input.json) await context.io.stdout.write(plainText(text));
      else if (input.follow) await printJsonLine(context, { job_id: jobId, status, text, offset });
      else {
        pieces.push(text);
        if (!more) await printJson(context, { job_id: jobId, status, text: pieces.join(""), offset });
      }
    }
    return EXIT.done;
  },
});
