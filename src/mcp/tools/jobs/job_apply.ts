/**
 * Room `mcp`: the tool `job_apply`.
 *
 * @module
 */
import * as z from "zod";
import { ApplyRequest } from "../../../service/work_requests.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool } from "../definition/define_tool.ts";

export const jobApply = defineTool({
  name: "job_apply",
  title: "Take over, undo, discard changes",
  description:
    "Takes what a job changed over (apply), back (undo: reverts its files, and only those that nobody has " +
    "changed since) or away (discard its own place). All files or none: with conflicts nothing has changed. " +
    "Look with job_diff first, and ask your user. Answers when it is done; the job must have ended.",
  input: z.object({
    job_id: JobIdArgument.describe("whose changes"),
    action: ApplyRequest.shape.action.describe("default apply"),
    method: ApplyRequest.shape.method.describe(
      "of apply; patch (default): uncommitted changes; merge: into the checked-out branch; branch: a new branch",
    ),
  }),
  output: z.looseObject({
    job_id: z.string(),
    action: z.string(),
    files: z.array(z.looseObject({ path: z.string(), kind: z.string() })),
    conflicts: z.array(z.looseObject({ path: z.string() })),
  }),
  // It writes files of the user's.
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async run(args, context) {
    const result = await context.service.apply(args, { signal: context.signal });
    return {
      structured: { ...result },
      text: [
        result.message,
        ...result.files.map(({ path, kind }) => `${kind} ${path}`),
        ...result.conflicts.map(({ path, lines, why }) =>
          `conflict ${path}${lines === null ? "" : ` lines ${lines}`}: ${why}`
        ),
      ].join("\n"),
    };
  },
});
