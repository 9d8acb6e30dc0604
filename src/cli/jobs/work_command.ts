/**
 * Room `cli`: the commands that take a job's changes over, back or away: they differ in their words alone.
 *
 * @module
 */
import * as z from "zod";
import type { ApplyAction, ApplyMethod } from "../../service/work_requests.ts";
import { type Command, defineCommand, type OptionSpec } from "../command.ts";
import { printJson } from "../context.ts";
import { EXIT, UsageError } from "../entry/exit_code.ts";
import { applyText } from "../render/diff_text.ts";
import { Switch, Word } from "../values.ts";
import { resolveJob } from "./job_reference.ts";
import { JSON_OPTION } from "./start_options.ts";

const Plain = z.object({ id: Word, json: Switch });
const WithMethod = Plain.extend({ merge: Switch, branch: Switch });

/** @throws UsageError for both. */
function methodOf(
  { merge = false, branch = false }: { id: string; merge?: boolean; branch?: boolean },
): ApplyMethod | undefined {
  if (merge && branch) throw new UsageError("--merge and --branch: give one of them");
  return merge ? "merge" : branch ? "branch" : undefined;
}

export interface WorkWords {
  readonly summary: string;
  readonly details: string;
  readonly example: string;
}

const METHODS: readonly OptionSpec[] = [
  { flags: "--merge", summary: "as a merge into the branch that is checked out; no hook is run" },
  { flags: "--branch", summary: "as a branch of the repository, which is not checked out; no hook is run" },
];

export function workCommand(action: ApplyAction, { summary, details, example }: WorkWords): Command {
  return defineCommand({
    name: action,
    summary,
    details,
    arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last" }],
    options: [...(action === "apply" ? METHODS : []), JSON_OPTION],
    examples: [{ line: `${action} last`, says: example }],
    json: "{ job_id, action, files, conflicts, message }",
    input: action === "apply" ? WithMethod : Plain,
    async run(input, context) {
      const method = methodOf(input);
      const service = await context.service();
      const jobId = await resolveJob(service, input.id, { signal: context.interrupt });
      // Not given up by Ctrl-C: then nobody would know what was written.
      const result = await service.apply({ job_id: jobId, action, method });
      if (input.json) await printJson(context, result);
      else await context.io.stdout.write(applyText(result, context.style));
      return result.conflicts.length === 0 ? EXIT.done : EXIT.failed;
    },
  });
}
