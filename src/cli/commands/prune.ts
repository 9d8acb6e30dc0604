/**
 * Room `cli`: the command `prune`, which removes finished jobs.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { type Context, printJson, printSentences } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import type { PrunedPlace } from "../../service/requests.ts";
import { bytesText } from "../render/bytes.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { homeOf } from "../existing_daemon.ts";
import { seconds, Switch } from "../values.ts";

const DAY_SECONDS = 86_400;

/** The longest age, in seconds, that `--older-than` accepts: a century. */
const MAX_AGE_SECONDS = 36_500 * DAY_SECONDS;

export const pruneCommand = defineCommand({
  name: "prune",
  summary: "Remove finished jobs with all their files",
  details:
    "Running and pending ones stay. Changes of isolated jobs that nobody applied or discarded are kept as patches/<ID>.patch in the state directory. The daemon does the same by itself, by the configured age and size.",
  options: [
    {
      flags: "--older-than <age>",
      summary:
        "those that ended longer ago, such as 7d or 12h; without it the configured age and size decide",
    },
    { flags: "--dry-run", summary: "only say what would go" },
    {
      flags: "--orphans",
      summary: "places of jobs that are gone too; what they hold is kept as patches",
    },
    JSON_OPTION,
  ],
  examples: [
    { line: "prune --older-than 7d --dry-run", says: "What a week's tidying would remove." },
  ],
  json:
    "{ jobs: [id], bytes, not_applied: [id], orphans?: [{ path, bytes, removed, patch, why? }], dry_run }; orphans: places of jobs that are gone",
  input: z.object({
    olderThan: seconds(MAX_AGE_SECONDS, { isZeroFine: true }).optional(),
    dryRun: Switch,
    orphans: Switch,
    json: Switch,
  }),
  async run(input, context) {
    const service = await context.service();
    const pruned = await service.prune({
      ...(input.olderThan === undefined ? {} : { older_than_days: input.olderThan / DAY_SECONDS }),
      dry_run: input.dryRun,
      orphans: input.orphans,
    }, { signal: context.interrupt });
    if (input.json) await printJson(context, pruned);
    else if (pruned.jobs.length === 0) {
      const why = input.olderThan === undefined
        ? "no finished job is over the configured age, nor all of them over the size; --older-than takes younger ones"
        : "no finished job is that old";
      await printSentences(context, `Nothing to remove: ${why}.`);
    } else {
      const count = pruned.jobs.length;
      const jobs = count === 1 ? "1 finished job" : `${count} finished jobs`;
      const verb = input.dryRun ? "Would remove" : "Removed";
      const open = new Set(pruned.not_applied ?? []);
      const lines = pruned.jobs.map((id) => open.has(id) ? `${id} not applied\n` : `${id}\n`);
      const ids = input.dryRun ? lines.join("") : "";
      const patches = open.size === 0 ? "" : patchesText(open.size, input.dryRun, context);
      await context.io.stdout.write(`${ids}${verb} ${jobs} (${bytesText(pruned.bytes)}).${patches}\n`);
    }
    if (!input.json && pruned.orphans !== undefined) {
      await printSentences(context, orphansText(pruned.orphans));
    }
    return EXIT.done;
  },
});

/** What is said of places whose jobs are gone. */
function orphansText(orphans: readonly PrunedPlace[]): string {
  const many = (count: number) =>
    count === 1 ? "1 place of a job that is gone" : `${count} places of jobs that are gone`;
  const size = (places: readonly PrunedPlace[]) =>
    bytesText(places.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
  const removed = orphans.filter((place) => place.removed);
  const failed = orphans.filter(({ why }) => why !== undefined);
  const left = orphans.filter((place) => !place.removed && place.why === undefined);
  const kept = removed.flatMap(({ patch }) => patch ?? []);
  return [
    ...(removed.length === 0 ? [] : [`Removed ${many(removed.length)} (${size(removed)}).`]),
    ...kept.map((patch) => `What it held is in ${patch}.`),
    ...failed.map(({ path, why }) => `Kept ${path}: ${why}.`),
    ...(left.length === 0 ? [] : [
      `${many(left.length)} (${size(left)}): prune --orphans removes ${left.length === 1 ? "it" : "them"}, ` +
      "with what is in there kept as a patch.",
    ]),
  ].join("\n");
}

/** What is said of changes that nobody has taken over, after the sentence on their jobs. */
function patchesText(count: number, dryRun: boolean, context: Context): string {
  const what = count === 1 ? "The changes of 1 of them" : `The changes of ${count} of them`;
  const kept = dryRun ? "would be kept as patches" : "are kept as patches";
  const directory = join(homeOf(context), "patches");
  return ` ${what} were not taken over and ${kept} in ${directory}.`;
}
