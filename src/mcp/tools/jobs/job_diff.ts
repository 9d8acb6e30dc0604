/**
 * Room `mcp`: the tool `job_diff`.
 *
 * @module
 */
import * as z from "zod";
import { DiffRequest } from "../../../service/work_requests.ts";
import { present } from "../../views/present.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool } from "../definition/define_tool.ts";
import { READS_ONLY } from "../definition/tool.ts";

const { shape } = DiffRequest;

/** Files of an answer; the command line shows all. */
const MAX_FILES = 500;

export const jobDiff = defineTool({
  name: "job_diff",
  title: "Show what a job changed",
  description:
    "Shows what a job changed on disk, whatever its agent says: files, lines added and removed, and the " +
    "patch (diff), in pages. Use it to review the work before you report; job_apply takes it over, back or away. " +
    "Answers at once; changes nothing; knows nothing of files that git ignores.",
  input: z.object({
    job_id: JobIdArgument.describe("whose changes"),
    path: shape.path.describe("only this file or directory, from the top of the work tree"),
    stat: shape.stat.describe("only the list of files"),
    cursor: shape.cursor.describe("of the page before"),
  }),
  output: z.looseObject({
    job_id: z.string(),
    files: z.array(z.looseObject({ path: z.string(), kind: z.string() })),
    patch: z.string().optional(),
    cursor: z.number().optional().describe("the next page of the patch"),
    base: z.string().nullish(),
    applied: z.boolean(),
    conflicts_with: z.array(z.string()),
  }),
  annotations: READS_ONLY,
  async run(args, context) {
    const diff = await context.service.diff(args, { signal: context.signal });
    const { fenced } = context;
    const files = diff.files.slice(0, MAX_FILES).map((file) => present({ ...file, path: file.path }));
    const more = diff.files.length - files.length;
    const { patch } = diff;
    return {
      structured: present({
        job_id: diff.job_id,
        files,
        files_count: more > 0 ? diff.files.length : undefined,
        patch: patch === undefined || patch === "" ? undefined : fenced(patch),
        cursor: diff.cursor,
        base: diff.base,
        applied: diff.applied,
        conflicts_with: diff.conflicts_with,
        notes: diff.notes.length === 0 ? undefined : diff.notes,
      }),
      text: [
        diff.files.length === 0
          ? `Job ${diff.job_id} changed no files${
            args.path === undefined ? "" : ` at ${JSON.stringify(args.path)}`
          }.`
          : `Job ${diff.job_id} changed ${
            diff.files.length === 1 ? "1 file" : `${diff.files.length} files`
          }:`,
        ...files.map((file) => `${file.kind} ${file.path} +${file.added ?? "?"} -${file.removed ?? "?"}`),
        ...(patch === undefined || patch === "" ? [] : [fenced(patch)]),
        ...(diff.cursor === undefined ? [] : [`More of the patch: job_diff with cursor ${diff.cursor}.`]),
        ...diff.notes,
      ].join("\n"),
    };
  },
});
