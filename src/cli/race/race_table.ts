/**
 * Room `cli`: what became of those that took part in a race, to be compared.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { Context } from "../context.ts";
import { amountText } from "../render/amounts.ts";
import { type Column, tableText } from "../render/table.ts";

export function outcomeOf({ status, reason, evidence }: JobResult): string {
  const check = evidence?.check;
  const checked = check === undefined ? "" : `, check ${check.exit_code === 0 ? "passed" : "failed"}`;
  return `${status}${reason === undefined || reason === "completed" ? "" : ` (${reason})`}${checked}`;
}

export function raceTable(
  jobs: readonly JobResult[],
  winner: JobResult | null,
  { io, style }: Pick<Context, "io" | "style">,
): string {
  const isWinner = ({ job_id }: JobResult) => job_id === winner?.job_id;
  const columns: Column<JobResult>[] = [
    { title: "ID", text: ({ job_id }) => job_id, paint: style.bold },
    { title: "AGENT", text: ({ agent }) => plainText(agent) },
    {
      title: "OUTCOME",
      text: (job) => isWinner(job) ? `${outcomeOf(job)}, winner` : outcomeOf(job),
      paint: (text, job) => style.status(job.status, text),
    },
    {
      title: "CHANGED",
      text: ({ files_changed, evidence }) =>
        files_changed === null
          ? "?"
          : `${files_changed.length} files +${evidence?.lines_added ?? "?"} -${
            evidence?.lines_removed ?? "?"
          }`,
    },
    { title: "SECONDS", text: ({ duration_seconds }) => duration_seconds?.toFixed(0) ?? "?", isNumber: true },
    { title: "TOKENS", text: ({ usage }) => String(usage.total_tokens ?? "?"), isNumber: true },
    { title: "COST", text: ({ money }) => money === undefined ? "?" : amountText(money), isNumber: true },
  ];
  return tableText(jobs, columns, io.stdout.isTerminal ? io.stdout.columns : null);
}

/** How far the costs in the table are known, in a sentence each. */
export function moneyNotes(jobs: readonly JobResult[]): string[] {
  const prices = jobs.find(({ money }) => money?.prices !== undefined)?.money?.prices;
  const unknown = jobs.flatMap(({ agent, job_id, money }) =>
    money?.why === undefined
      ? []
      : [`${plainText(agent)} ${job_id}: nobody can tell what it cost: ${plainText(money.why)}.`]
  );
  return [
    ...(prices === undefined ? [] : [`What no agent told is by the prices of ${prices}.`]),
    ...unknown,
  ];
}
