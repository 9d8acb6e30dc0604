/**
 * Room `service`, part of `LocalService`: what a job may use. Rule of this file: a budget of money is accepted only where
 * somebody can tell money: the agent itself, or a known price of its model.
 *
 * @module
 */
import { type Budget, shareOf, spentText } from "../../domain/job/budget.ts";
import { AgentAsyncError, invalidArgument } from "../../domain/errors.ts";
import { isActive, type Job } from "../../domain/job/job.ts";
import { loadPrices, whyNoMoney } from "../../scheduler/money/prices.ts";
import type { StartRequest } from "../requests.ts";
import type { LocalDependencies } from "./dependencies.ts";

type Asked = Pick<StartRequest, "max_cost_usd" | "max_tokens">;

/** The budget that is asked for; `undefined` for none. */
export function budgetIn({ max_cost_usd: cost, max_tokens: tokens }: Asked): Budget | undefined {
  if (cost === undefined && tokens === undefined) return undefined;
  return { ...(cost === undefined ? {} : { cost_usd: cost }), ...(tokens === undefined ? {} : { tokens }) };
}

/**
 * The members of a job's record that say what it may use.
 *
 * @param options.around the job inside of which it is started
 * @throws {AgentAsyncError} `invalid_argument` for money where nobody can tell money; `conflict` when a budget around it
 * is used up.
 */
export async function budgetOfStart(
  request: Asked & Pick<StartRequest, "agent" | "model">,
  { around, dependencies }: { around: Job | null; dependencies: LocalDependencies },
): Promise<Pick<Job, "budget" | "budgets_over">> {
  const { scheduler } = dependencies;
  const budget = budgetIn(request);
  if (budget?.cost_usd !== undefined) {
    const driver = scheduler.options.catalog.driver(request.agent);
    const model = request.model ?? scheduler.options.catalog.settings(request.agent).model ?? null;
    await requirePrice(driver, model);
  }
  const over = around === null || !isActive(around) ? [] : [
    ...(around.budget === undefined ? [] : [{ id: around.id, budget: around.budget }]),
    ...around.budgets_over ?? [],
  ];
  for (const { id, budget: theirs } of over) {
    const spent = await scheduler.spending.spent({ id });
    if (shareOf(theirs, spent) < 1) continue;
    throw new AgentAsyncError("conflict", `The budget of job ${id} is used up: ${spentText(theirs, spent)}`, {
      hint: "Do not delegate any more: come to an end.",
    });
  }
  return {
    ...(budget === undefined ? {} : { budget }),
    ...(over.length === 0 ? {} : { budgets_over: over }),
  };
}

async function requirePrice(
  driver: { readonly title: string; readonly tellsMoney?: boolean } | null,
  model: string | null,
): Promise<void> {
  await loadPrices();
  const why = driver === null ? null : whyNoMoney(driver, model);
  if (driver === null || why === null) return;
  throw invalidArgument(
    "max_cost_usd",
    `${driver.title} does not tell what it costs, and ${why}`,
    "Name a model with a known price, or use max_tokens.",
  );
}

/** @throws {AgentAsyncError} `conflict` for a reply to a job whose budget is used up, unless it brings a larger one. */
export async function requireBudget(
  job: Job,
  asked: Budget | undefined,
  { scheduler }: LocalDependencies,
): Promise<Budget | undefined> {
  const budget = asked === undefined ? job.budget : { ...job.budget, ...asked };
  if (budget === undefined) return undefined;
  const spent = await scheduler.spending.spent(job);
  if (shareOf(budget, spent) < 1) return budget;
  throw new AgentAsyncError(
    "conflict",
    `Cannot reply to job ${job.id}: its budget is used up: ${spentText(budget, spent)}`,
    { hint: "Reply with a larger max_cost_usd or max_tokens: they count from the job's beginning." },
  );
}
