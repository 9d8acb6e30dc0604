/**
 * Room `cli`: the command `diff`.
 *
 * @module
 */
import * as z from "zod";
import type { DiffResult } from "../../service/work_requests.ts";
import type { JobService } from "../../service/job_service.ts";
import { defineCommand } from "../command.ts";
import { printJson } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { resolveJob } from "../jobs/job_reference.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { colouredPatch, diffStat } from "../render/diff_text.ts";
import { page } from "../render/pager.ts";
import { Switch, Word } from "../values.ts";

export const diffCommand = defineCommand({
  name: "diff",
  summary: "Show what a job changed on disk",
  details:
    "Whoever wrote it: its agent, or a program that it ran. Through the pager on a terminal ($PAGER, else less).",
  arguments: [
    { name: "ID", summary: "a job, the beginning of its id, or last" },
    {
      name: "PATH",
      summary: "only this file or directory, from the top of the work tree",
      isOptional: true,
      isVariadic: true,
    },
  ],
  options: [{ flags: "--stat", summary: "only the files, with lines added and removed" }, JSON_OPTION],
  examples: [
    { line: "diff last", says: "The patch of the newest job." },
    { line: "diff last --stat", says: "Only its files." },
  ],
  json: "{ job_id, files, patch?, root, base, applied, conflicts_with, notes }",
  input: z.object({ id: Word, path: z.array(Word).default([]), stat: Switch, json: Switch }),
  async run(input, context) {
    const service = await context.service();
    const jobId = await resolveJob(service, input.id, { signal: context.interrupt });
    const paths = input.path.length === 0 ? [undefined] : input.path;
    const parts = [];
    for (const path of paths) {
      parts.push(await wholeDiff(service, { jobId, path, stat: input.stat, signal: context.interrupt }));
    }
    const [first = parts[0]] = parts;
    if (first === undefined) return EXIT.done;
    const diff: DiffResult = {
      ...first,
      files: [...new Map(parts.flatMap(({ files }) => files).map((file) => [file.path, file])).values()],
      ...(input.stat ? {} : { patch: parts.map(({ patch = "" }) => patch).join("") }),
    };
    if (input.json) await printJson(context, diff);
    else if (input.stat || diff.files.length === 0) {
      await context.io.stdout.write(diffStat(diff, context.style, input.path));
    } else {
      const patch = diff.patch ?? "";
      await page(context.io.stdout.isTerminal ? colouredPatch(patch, context.style) : patch, context.io);
    }
    return EXIT.done;
  },
});

/** All pages of the patch in one. */
async function wholeDiff(
  service: JobService,
  { jobId, path, stat, signal }: {
    jobId: string;
    path: string | undefined;
    stat: boolean;
    signal: AbortSignal;
  },
): Promise<DiffResult> {
  const request = { job_id: jobId, path, stat };
  const { cursor, ...first } = await service.diff(request, { signal });
  const pages = [first.patch ?? ""];
  for (let next = cursor; next !== undefined;) {
    const page = await service.diff({ ...request, cursor: next }, { signal });
    pages.push(page.patch ?? "");
    next = page.cursor;
  }
  return { ...first, ...(stat ? {} : { patch: pages.join("") }) };
}
