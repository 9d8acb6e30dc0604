/**
 * Room `scheduler`: what one job has cost over its turns, as its agents told it, else by the prices of its tokens.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { type JobMoney, moneyOfJob } from "../../domain/job/money.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import { loadPrices } from "../money/prices.ts";
import { spentInEnded, spentInTurn } from "../money/turn_spending.ts";
import type { Supervisor } from "../supervisor.ts";
import { endedTurns } from "../turn/ended_turns.ts";

export async function jobMoney(
  job: Job,
  { directories, supervisor }: { directories: JobDirectories; supervisor: Pick<Supervisor, "run"> },
): Promise<JobMoney> {
  await loadPrices();
  const run = supervisor.run(job.id);
  const isRunning = run !== null && run.job.turn === job.turn && job.state.status === "running";
  const ended = endedTurns(directories.job(job.id))
    .filter(({ outcome }) => !isRunning || outcome.turn !== job.turn);
  return moneyOfJob([...ended.map(spentInEnded), ...(isRunning ? [spentInTurn(run)] : [])]);
}
