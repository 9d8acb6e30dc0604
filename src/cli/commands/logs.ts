/**
 * Room `cli`: the command `logs`.
 *
 * @module
 */
import * as z from "zod";
import { plainText } from "../../domain/event/transcript.ts";
import { defineCommand } from "../command.ts";
import { printJson, printJsonLine } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { transcriptPages } from "../jobs/follow.ts";
import { resolveJob } from "../jobs/job_reference.ts";
import { withProgress } from "../jobs/progress_line.ts";
import { count, Switch, Word } from "../values.ts";

export const logsCommand = defineCommand({
  name: "logs",
  summary: "Print the transcript of a job",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last" }],
  options: [
    { flags: "-f, --follow", summary: "go on as it grows, until the job has ended" },
    { flags: "-n, --tail <lines>", summary: "begin with so many of the last lines" },
    { flags: "--json", summary: "print JSON; with --follow, a line for each piece" },
  ],
  examples: [
    { line: "logs -f last", says: "Watches the newest job." },
    { line: "logs -f -n 20 last", says: "The same, without what it did long ago." },
  ],
  json: "{ job_id, status, text, offset }; with --follow one such line for each piece",
  input: z.object({ id: Word, follow: Switch, tail: count(0).optional(), json: Switch }),
  async run(input, context) {
    const signal = context.interrupt;
    const service = await context.service();
    const jobId = await resolveJob(service, input.id, { signal });
    const pieces: string[] = [];
    // The text read so far, of which `--tail` prints only the last lines; `null` once they are printed, or without
    // `--tail`.
    let held = input.tail === undefined ? null : "";
    const followed = transcriptPages(service, jobId, { offset: 0, isFollowing: input.follow, signal });
    for await (const page of withProgress(followed, { service, jobId }, context)) {
      const { offset, status, more } = page;
      let { text } = page;
      if (held !== null) {
        held = lastLines(held + text, input.tail ?? 0);
        if (more) continue;
        [text, held] = [held, null];
      }
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

/** The last `count` lines of `text`. A last line without a newline counts as a line. */
function lastLines(text: string, count: number): string {
  let begin = text.endsWith("\n") ? text.length - 1 : text.length;
  for (let left = count; left > 0 && begin > 0; left--) begin = text.lastIndexOf("\n", begin - 1);
  return count === 0 ? "" : text.slice(begin + 1);
}
