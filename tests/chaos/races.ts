/**
 * Chaos, family "crash points": a race through the command line, while the daemon is killed with -9 again and again. One
 * of three passes; its work is taken over, once, and nothing of the others is left.
 *
 * @module
 */
import { z } from "zod";
import { JobResult } from "../../src/domain/job/result.ts";
import { exists } from "../support/exists.ts";
import { runProgram } from "../support/program.ts";
import { git, makeRepository } from "../support/repository.ts";
import { kill, killAtCall } from "./crash_points.ts";
import type { Fault, Trial } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { checkLog } from "./ledger_checks.ts";
import { insist } from "./observers.ts";
import { pause } from "./processes.ts";
import { CALLS, withoutStrace } from "./tampering.ts";

const Race = z.object({
  group: z.string(),
  jobs: z.array(JobResult),
  winner: JobResult.nullable(),
  applied: z.boolean(),
});

const racer = (script: string) => ({
  command: "/bin/sh",
  args: ["-c", `cat >/dev/null; ${script}`],
  output: "text",
  version_args: ["-c", "echo 1.0"],
  policy_args: { suggest: [], "auto-edit": [], "full-auto": [] },
});

async function whileRacing(trial: Trial): Promise<void> {
  const { random } = trial;
  const wait = () => `sleep 0.${random.below(6)}`;
  const agents = {
    good: racer(`${wait()}; echo good >made.txt; echo done`),
    bad: racer(`${wait()}; echo bad >made.txt; echo done`),
    dead: racer(`${wait()}; echo no; exit 3`),
  };
  const site = trial.site();
  const { cwd } = site.state;
  await makeRepository(cwd);
  const check = `${wait()}; grep -q good made.txt`;
  Deno.writeTextFileSync(
    `${site.home}/config.json`,
    JSON.stringify({ agents, projects: { [cwd]: { checks: { good: check } } } }),
  );
  trial.findings.jobs += 3;
  const racing = runProgram(site.state, [
    ...["race", "-a", "bad", "-a", "good", "-a", "dead", "--check", "good", "-C", cwd],
    ...["--apply", "winner", "--json", "make it"],
  ]);
  let isOver = false;
  racing.finally(() => isOver = true);
  const client = site.client();
  for (let kills = 1 + random.below(4); kills > 0 && !isOver; kills--) {
    // A daemon that dies before it answers is a start that failed, and told as one.
    await insist(() => client.status(), AbortSignal.timeout(60_000));
    const pid = site.daemon();
    if (pid === null || isOver) break;
    if (withoutStrace() === null && random.below(2) === 0) {
      await killAtCall({ pid, calls: random.pick(CALLS), count: 1 + random.below(40), ms: 800 });
    } else {
      await pause(random.below(900));
      await kill(pid);
    }
  }
  const { code, stdout, stderr } = await racing;
  trial.expect(code === 0, `the race ended with ${code}: ${stderr}`);
  const told = Race.safeParse(parsed(stdout)).data;
  if (told === undefined) return trial.find("wrong", `the race told ${stdout}`);
  const ends = told.jobs.map(({ agent, status, reason }) => `${agent} ${status} ${reason}`);
  trial.expect(
    ends.join() === "bad error check_failed,good done completed,dead error exit_code",
    `the racers are ${ends.join()}`,
  );
  trial.expect(told.winner?.agent === "good" && told.applied, `the winner is ${told.winner?.agent}`);
  const made = exists(`${cwd}/made.txt`) ? Deno.readTextFileSync(`${cwd}/made.txt`) : "missing";
  trial.expect(made === "good\n", `made.txt is ${JSON.stringify(made)}`);
  const status = await git(cwd, "status", "--porcelain");
  trial.expect(status === "?? made.txt\n", `the tree is ${JSON.stringify(status)}`);
  for (const { agent, place } of told.jobs) {
    const isThere = exists(String(place?.path));
    trial.expect(isThere === (agent === "good"), `the place of ${agent} is ${isThere ? "there" : "gone"}`);
  }
  const { total } = await client.list({ limit: 10 });
  if (total !== 3) trial.find(total > 3 ? "doubled" : "lost", `${total} jobs came of 3 racers`);
  const ids = new Set(told.jobs.map(({ job_id }) => job_id));
  for (const process of site.jobProcesses(ids)) trial.find("left", process);
  checkLog(new Ledger(trial, site));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const RACE_FAULTS: readonly Fault[] = [
  { name: "kill -9 in a race", family: "crash points", kind: "round", attempt: whileRacing },
];
