/**
 * Room `cli`: the commands that take a job's changes over, back or away: they differ in their words alone.
 *
 * @module
 */
import * as z from "zod";
import type { ApplyAction } from "../../service/work_requests.ts";
import { type Command, defineCommand } from "../command.ts";
import { printJson } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { applyText } from "../render/diff_text.ts";
import { Switch, Word } from "../values.ts";
import { resolveJob } from "./job_reference.ts";
import { JSON_OPTION } from "./start_options.ts";

export interface WorkWords {
  readonly summary: string;
  readonly details: string;
  readonly example: string;
}

export function workCommand(action: ApplyAction, { summary, details, example }: WorkWords): Command {
  return defineCommand({
    name: action,
    summary,
    details,
    arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last" }],
    options: [JSON_OPTION],
    examples: [{ line: `${action} last`, says: example }],
    json: "{ job_id, action, files, conflicts, message }",
    input: z.object({ id: Word, json: Switch }),
    async run(input, context) {
      const service = await context.service();
      const jobId = await resolveJob(service, input.id, { signal: context.interrupt });
      // Not given up by Ctrl-C: then nobody would know what was written.
      const result = await service.apply({ job_id: jobId, action });
      if (input.json) await printJson(context, result);
      else await context.io.stdout.write(applyText(result, context.style));
      return result.conflicts.length === 0 ? EXIT.done : EXIT.failed;
    },
  });
}
