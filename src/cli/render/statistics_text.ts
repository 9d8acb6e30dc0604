/**
 * Room `cli`: statistics as a table with bars, for people.
 *
 * @module
 */
import { ErrorReason } from "../../domain/job/reason.ts";
import type { Statistics, StatisticsRow } from "../../domain/statistics.ts";
import { plainText } from "../../domain/event/transcript.ts";
import { amountText, costText, tokensText } from "./amounts.ts";
import { barText } from "./bar.ts";
import { homePath } from "./home_path.ts";
import type { Style } from "./style.ts";
import { type Column, tableText } from "./table.ts";
import { durationText } from "./time.ts";
import { displayWidth } from "./width.ts";
import { wrapWords } from "./wrap_words.ts";

type Sums = Statistics["total"];

export interface StatisticsTextOptions {
  readonly style: Style;
  /** Columns of the terminal; `null` means no limit, as for a pipe. */
  readonly columns: number | null;
  /** The home directory, which is shown as `~`. */
  readonly home: string | undefined;
  /** Number of running jobs, which are in no sum. `pending` counts the waiting ones, which are in no sum either. */
  readonly running: number;
  readonly pending: number;
}

/** Longest and shortest bar, in cells. */
const MOST_BAR = 30;
const LEAST_BAR = 6;
/** Narrowest terminal, in cells, that shows bars. A narrower one needs the space for the names of the rows. */
const LEAST_COLUMNS = 72;
const TITLES = {
  agent: "AGENT",
  model: "MODEL",
  day: "DAY",
  directory: "DIRECTORY",
  project: "PROJECT",
} as const;

export function statisticsText(found: Statistics, options: StatisticsTextOptions): string {
  const { total } = found;
  const { style } = options;
  const period = found.from === found.to ? `On ${found.to}` : `From ${found.from} to ${found.to}`;
  const unended = unendedText(options);
  if (total.jobs === 0 && total.turns === 0) {
    return `${period} no job ended that is still kept.\n${unended}`;
  }
  const words = `${period}: ${jobsText(total.jobs)}${successText(total)}, ` +
    `${durationText(total.total_seconds)} of work, ${tokensText(total.usage.total_tokens)} tokens${
      knownText(total)
    }` +
    `${moneyText(total.money)}`;
  const lines = options.columns === null ? [words] : wrapWords(words, options.columns);
  const head = `${lines.join("\n")}\n`;
  const rows = found.by === "day" ? sinceFirstJob(found.rows) : found.rows;
  const left = found.rows_left_out === 0 ? "" : style.dim(`and ${found.rows_left_out} more\n`);
  return `${head}\n${table(rows, found, options)}${left}${reasonsText(found, style)}${
    checksText(found, options)
  }${unended}`;
}

/** A remark for a sum in which the usage of some jobs is missing; "" when it is complete. */
function knownText({ jobs, usage_known, usage }: Statistics["total"]): string {
  return usage_known >= jobs || usage.total_tokens === null ? "" : ` in ${usage_known} of them`;
}

/** A sentence that counts the unfinished jobs, so that nobody takes the sums for all jobs. */
function unendedText({ running, pending, columns }: StatisticsTextOptions): string {
  if (running + pending === 0) return "";
  const counts = [
    ...(running === 0 ? [] : [`${running} running`]),
    ...(pending === 0 ? [] : [`${pending} waiting`]),
  ];
  const since = running + pending === 1 ? "it has" : "they have";
  const words = `${counts.join(" and ")}, not counted since ${since} not ended`;
  return `${columns === null ? words : wrapWords(words, columns).join("\n")}\n`;
}

function table(rows: readonly StatisticsRow[], found: Statistics, options: StatisticsTextOptions): string {
  const { style } = options;
  const hasCost = (found.total.money?.usd ?? 0) > 0 || found.total.usage.cost_usd !== undefined;
  const hasChecks = checksIn(found.total) > 0;
  const number = (title: string, text: (row: StatisticsRow) => string): Column<StatisticsRow> => {
    return { title, text, isNumber: true };
  };
  const columns = (bar: number): Column<StatisticsRow>[] => [
    { title: TITLES[found.by], text: (row) => keyText(row, found, options), isElastic: true },
    number("JOBS", (row) => String(row.jobs)),
    ...(bar === 0 ? [] : [barColumn(rows, bar, style)]),
    number("DONE", (row) => row.jobs === 0 ? "" : percent(row)),
    { ...number("TURNS", (row) => String(row.turns)), isExpendable: true },
    number("TIME", (row) => row.turns === 0 ? "" : durationText(row.total_seconds)),
    {
      ...number("MEDIAN", (row) => row.median_seconds === null ? "" : durationText(row.median_seconds)),
      isExpendable: true,
    },
    number("TOKENS", (row) => row.turns === 0 ? "" : tokensText(row.usage.total_tokens)),
    ...(hasCost
      ? [
        number("COST", (row) => rowCostText(row)),
      ]
      : []),
    ...(hasChecks ? [number("CHECKS", (row) => checksIn(row) === 0 ? "" : courseText(row))] : []),
  ];
  return tableText(
    rows,
    columns(barCells(tableText(rows, columns(0), null), options.columns)),
    options.columns,
  );
}

/** The width of the bar, in cells: what the figures leave free, within the limits; 0 for no bar. */
function barCells(figures: string, columns: number | null): number {
  if (columns === null) return MOST_BAR;
  if (columns < LEAST_COLUMNS) return 0;
  const used = Math.max(...figures.split("\n").map(displayWidth)) + 2;
  const room = Math.min(MOST_BAR, columns - used);
  return room < LEAST_BAR ? LEAST_BAR : room;
}

function barColumn(rows: readonly StatisticsRow[], cells: number, style: Style): Column<StatisticsRow> {
  const scale = Math.max(...rows.map((row) => row.jobs));
  const parts = (row: StatisticsRow, isPainted: boolean) => {
    const paint = (status: "done" | "error" | "cancelled") => (text: string) =>
      isPainted ? style.status(status, text) : text;
    return barText(
      [
        { amount: row.done, glyph: "█", paint: paint("done") },
        { amount: row.error, glyph: "▒", paint: paint("error") },
        { amount: row.cancelled, glyph: "░", paint: paint("cancelled") },
      ],
      scale,
      cells,
    );
  };
  return {
    title: "",
    text: (row) => parts(row, false),
    paint: (laid, row) => {
      const plain = parts(row, false);
      // A bar that did not fit was cut without colours, and stays so: its parts can no longer be told apart.
      return laid.startsWith(plain) ? parts(row, true) + laid.slice(plain.length) : laid;
    },
  };
}

function keyText(row: StatisticsRow, found: Statistics, options: StatisticsTextOptions): string {
  if (found.by === "directory" || found.by === "project") return homePath(row.key, options.home);
  return plainText(row.key).replace(/\n/g, " ");
}

/** The rows from the first day with a job on. Empty days after that stay, since gaps between jobs are worth seeing. */
function sinceFirstJob(rows: readonly StatisticsRow[]): readonly StatisticsRow[] {
  const first = rows.findIndex((row) => row.jobs + row.turns > 0);
  return first < 0 ? rows : rows.slice(first);
}

function reasonsText(found: Statistics, style: Style): string {
  const { done, error, cancelled } = found.total;
  const failures = ErrorReason.options
    .map((reason) => [reason, found.reasons[reason] ?? 0] as const)
    .filter(([, jobs]) => jobs > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, jobs]) => `${jobs} ${reason}`);
  const parts = [
    ...(done === 0 ? [] : [`${style.status("done", "█")} ${done} done`]),
    ...(error === 0 ? [] : [`${style.status("error", "▒")} ${error} failed (${failures.join(", ")})`]),
    ...(cancelled === 0 ? [] : [`${style.status("cancelled", "░")} ${cancelled} cancelled`]),
  ];
  return parts.length === 0 ? "" : `\n${parts.join("   ")}\n`;
}

function jobsText(jobs: number): string {
  return `${jobs} ${jobs === 1 ? "job" : "jobs"}`;
}

function successText(total: Statistics["total"]): string {
  return total.jobs === 0 ? "" : `, ${percent(total)} done`;
}

/** The share of done jobs in percent. It is 100 only when all are done, and 0 only when none is. */
function percent({ done, jobs }: { done: number; jobs: number }): string {
  const share = done / jobs * 100;
  if (done > 0 && share < 1) return "<1 %";
  if (done < jobs && share > 99) return "99 %";
  return `${Math.round(share)} %`;
}

/** What was spent, and how far that is known. */
function moneyText(money: Sums["money"]): string {
  if (money === undefined || money.usd === null || (money.usd === 0 && money.prices === undefined)) return "";
  const { usd, priced_usd: priced, prices, unknown_turns: unknown } = money;
  const how = prices === undefined
    ? ""
    : priced === usd
    ? ` by the prices of ${prices}`
    : `, ${costText(priced)} of them by the prices of ${prices}`;
  const left = unknown === 0
    ? ""
    : `, without ${unknown} ${unknown === 1 ? "turn" : "turns"} of unknown price`;
  return `, ${costText(usd)}${how}${left}`;
}

function rowCostText({ money, usage, turns }: StatisticsRow): string {
  if (turns === 0) return "";
  if (money === undefined) return usage.cost_usd === undefined ? "" : costText(usage.cost_usd);
  return amountText(money);
}

function checksIn({ checks }: Pick<Sums, "checks">): number {
  return checks === undefined ? 0 : checks.first + checks.repaired + checks.never;
}

function courseText({ checks }: Pick<Sums, "checks">): string {
  return checks === undefined ? "" : `${checks.first}/${checks.repaired}/${checks.never}`;
}

function checksText({ total }: Statistics, { columns }: StatisticsTextOptions): string {
  const { checks } = total;
  if (checks === undefined || checksIn(total) === 0) return "";
  const words =
    `CHECKS ${courseText(total)}: ${checks.first} passed at first, ${checks.repaired} after repairs, ` +
    `${checks.never} never`;
  return `${columns === null ? words : wrapWords(words, columns).join("\n")}\n`;
}
