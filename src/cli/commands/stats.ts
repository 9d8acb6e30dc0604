/**
 * Room `cli`: the command `stats`.
 *
 * @module
 */
import * as z from "zod";
import { StatisticsGrouping } from "../../domain/statistics.ts";
import { MAX_STATS_DAYS } from "../../service/read_requests.ts";
import { localTimeZone } from "../../system/local_time_zone.ts";
import { defineCommand } from "../command.ts";
import { printJson } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { statisticsText } from "../render/statistics_text.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { count, Switch } from "../values.ts";

const GROUPINGS = StatisticsGrouping.options.join(", ");

export const statsCommand = defineCommand({
  name: "stats",
  summary: "Sum up jobs, outcomes, times, tokens, money and checks",
  details: "Of the jobs that are kept: those that were pruned do not count.",
  options: [
    {
      flags: "-b, --by <what>",
      summary: `${GROUPINGS}; agent unless said otherwise`,
      words: StatisticsGrouping.options,
    },
    { flags: "-d, --days <n>", summary: "how many days, today included; 30 unless said otherwise" },
    JSON_OPTION,
  ],
  examples: [
    { line: "stats", says: "The last 30 days by agent." },
    { line: "stats --by project", says: "By the repository, or other work tree, that jobs worked in." },
    { line: "stats --by day -d 7", says: "A bar for each day of the week." },
  ],
  json:
    "{ by, from, to, time_zone, rows: [sums and key], rows_left_out, total: sums, reasons, running, pending }; reasons counts jobs by reason, running and pending the jobs that have not ended and are in no sum, sums are { jobs, done, error, cancelled, turns, commands_run, total_seconds, median_seconds, longest_seconds, usage, usage_known, money, checks }; unknown is null, usage_known counts the jobs whose usage is known, money is { usd, priced_usd, unknown_turns, prices? }, where priced_usd is the part by the named table of prices and not by the agents, and checks counts by { first, repaired, never } when they passed",
  input: z.object({
    by: z.enum(StatisticsGrouping.options, { error: `must be one of ${GROUPINGS}` }).default("agent"),
    days: count(1, MAX_STATS_DAYS).default(30),
    json: Switch,
  }),
  async run(input, context) {
    const { io, style } = context;
    const service = await context.service();
    const signal = context.interrupt;
    const unended = async (status: "running" | "pending") => {
      return (await service.list({ status, limit: 1 }, { signal })).total;
    };
    const [running, pending] = await Promise.all([unended("running"), unended("pending")]);
    const found = await service.stats({
      by: input.by,
      days: input.days,
      time_zone: localTimeZone(),
    }, { signal });
    if (input.json) await printJson(context, { ...found, running, pending });
    else {
      const columns = io.stdout.isTerminal ? io.stdout.columns : null;
      await io.stdout.write(
        statisticsText(found, { style, columns, home: io.env["HOME"], running, pending }),
      );
    }
    return EXIT.done;
  },
});
