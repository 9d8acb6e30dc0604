/**
 * Chaos: a job whose work is checked. Its check notes each of its runs, fails a few times, and tells the agent what to
 * do then. Rule of this file: a check that nobody ended is run once for each turn, however many daemons watch it.
 *
 * @module
 */
import type { JobResult } from "../../src/domain/job/result.ts";
import type { RemoteService } from "../../src/service/remote/service.ts";
import { DEFAULT_CHECK_ATTEMPTS as MOST_ATTEMPTS } from "../../src/domain/job/check.ts";
import type { Ledger, Order } from "./ledger.ts";

/** Draws a job that is checked; it is not started yet. */
export function checkedJob(ledger: Ledger): Order {
  const { random, seed } = ledger.trial;
  const token = `t${seed}-c${ledger.orders.length + 1}`;
  const fails = random.below(MOST_ATTEMPTS + 2);
  const mended = Math.min(fails, MOST_ATTEMPTS);
  const runs = ledger.ledgerFile(`${token}-check`);
  const messages = [
    `${token} says`,
    ...Array.from({ length: mended }, (_, n) => `${token} mends ${n + 1}`),
  ];
  const order = ledger.add({
    token,
    isEndless: false,
    reply: null,
    checkRuns: mended + 1,
    // Before the others, so that its points are passed soon.
    priority: 2,
    cwd: ledger.site.workspace(`work-${token}`),
    script: {
      prompt: `run echo ${token} >>'${ledger.ledgerFile(token)}'\nsay ${token} says`,
      expected: {
        ...(fails > MOST_ATTEMPTS
          ? { status: "error", reason: "check_failed" } as const
          : { status: "done", reason: "completed" } as const),
        exitCode: 0,
        result: messages.at(-1),
        messages,
      },
    },
  });
  // Noted first, so that a run that is ended and begun again counts twice.
  const check = `echo x >>'${runs}'; n=$(wc -l <'${runs}'); sleep 0.${random.below(10)}; ` +
    `test $n -gt ${fails} || { echo say ${token} mends $n; exit 7; }`;
  Object.assign(order.request, {
    approval_policy: "full-auto",
    check,
    check_attempts: MOST_ATTEMPTS,
  });
  return order;
}

/** How often its check ran, and what is told of that. */
export async function checkChecks(
  ledger: Ledger,
  client: RemoteService,
  { order, job }: { order: Order; job: JobResult },
): Promise<void> {
  const { trial } = ledger;
  const { token, checkRuns } = order;
  if (checkRuns === undefined) return;
  const name = `${token} (${job.job_id})`;
  const ran = ledger.executions(`${token}-check`);
  if (ran > checkRuns) trial.find("doubled", `the check of ${name} ran ${ran} times, not ${checkRuns}`);
  if (ran < checkRuns) trial.find("lost", `the check of ${name} ran ${ran} times, not ${checkRuns}`);
  const { exit_code, attempts } = job.evidence?.check ?? {};
  const isPassed = order.script.expected.status === "done";
  trial.expect(
    attempts === checkRuns && exit_code === (isPassed ? 0 : 7),
    `the evidence of ${name} is ${JSON.stringify(job.evidence)}`,
  );
  const { events } = await client.events({ job_id: job.job_id, limit: 500, types: ["check"] });
  const told = events.map((event) => event.type === "check" ? `${event.state} ${event.attempt}` : "");
  const due = Array.from({ length: checkRuns }, (_, n) => [
    `started ${n + 1}`,
    `${isPassed && n + 1 === checkRuns ? "passed" : "failed"} ${n + 1}`,
  ]).flat();
  trial.expect(told.join() === due.join(), `the checks of ${name} are told as ${told.join(", ")}`);
}
