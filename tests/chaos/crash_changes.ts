/**
 * Chaos, family "crash points": the daemon is killed with -9 while it changes more than a job: it hands over to another
 * version, builds its store anew, removes old jobs, or the program is uninstalled around it.
 *
 * @module
 */
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { NEWER_VERSION, programCommand, runProgram } from "../support/program.ts";
import { CALLS, withoutStrace } from "./tampering.ts";
import { kill, killAtCall, underLoad } from "./crash_points.ts";
import type { Fault, Trial } from "./fault.ts";
import { gatedJob, hasBegun } from "./gated_job.ts";
import { Ledger } from "./ledger.ts";
import { insist } from "./observers.ts";
import { pause } from "./processes.ts";
import type { Site } from "./site.ts";

/** A file beside the state directory that keeps daemons from being started for as long as it is there. */
const HELD = "held";

/** In front of a daemon's command. */
const UNLESS_HELD = [
  "sh",
  "-c",
  `while [ -e "$AGENT_ASYNC_HOME/../${HELD}" ]; do sleep 0.01; done; exec "$@"`,
  "sh",
];

const DAMAGES = {
  garbage: (path: string) => Deno.writeTextFileSync(path, "garbage".repeat(999)),
  truncated: (path: string) => Deno.truncateSync(path, 5_000),
  empty: (path: string) => Deno.truncateSync(path, 0),
  gone: (path: string) => Deno.removeSync(path),
};

/** Kills the daemons that come after `last`, each after some of its calls of one kind. */
async function killFollowers(site: Site, { random }: Trial, last: number | null): Promise<void> {
  const plans = Array.from({ length: 1 + random.below(3) }, () => ({
    calls: random.pick(CALLS),
    count: 1 + random.below(random.pick([3, 20])),
  }));
  for (const plan of plans) {
    const pid = await site.daemonUp(last);
    await killAtCall({ pid, ...plan, ms: 500 });
    last = pid;
  }
}

async function whileRebuilding(site: Site, trial: Trial): Promise<void> {
  const { random } = trial;
  const damage = DAMAGES[random.pick(["garbage", "truncated", "empty", "gone"] as const)];
  const database = `${site.home}/queue.db`;
  await eventually(() => exists(database), { what: "a store" });
  await pause(random.below(900));
  const held = `${site.home}/../${HELD}`;
  Deno.writeTextFileSync(held, "");
  const last = site.daemon();
  await kill(last);
  damage(database);
  Deno.removeSync(held);
  await killFollowers(site, trial, last);
}

async function whileHandingOver(site: Site, { random, expect }: Trial): Promise<void> {
  await pause(random.below(400));
  const plans = Array.from({ length: 1 + random.below(3) }, () => random.below(300));
  const newer = site.client({ isNewer: true });
  const asked = insist(() => newer.list({}), AbortSignal.timeout(60_000));
  for (const ms of plans) {
    await pause(ms);
    await kill(site.daemon());
  }
  await asked;
  // An older front-end may have been quicker to start a daemon after the last kill: then the next call hands over.
  const { version } = await insist(() => newer.status(), AbortSignal.timeout(60_000));
  expect(version === NEWER_VERSION, `the daemon is of version ${version}`);
}

/** Jobs, not started yet, that run until there is a file at the gate, and slots for more. */
function withRunningJobs(trial: Trial) {
  const site = trial.site({ config: { limits: { total: 12 } } });
  const ledger = new Ledger(trial, site);
  const gate = `${site.workspace("gate")}/go`;
  const running = ["a", "b", "c"].map((token) => gatedJob(ledger, { token, gate }));
  return { site, ledger, client: site.client(), gate, running };
}

/** Old jobs are removed, those that run and those that a waiting one needs are not. */
async function whilePruning(trial: Trial): Promise<void> {
  const { random } = trial;
  const { site, ledger, client, gate, running } = withRunningJobs(trial);
  const origin = { env: site.state.env, session: "chaos" };
  const old = await Promise.all(Array.from({ length: 25 }, async (_, n) => {
    const request = { agent: "codex", cwd: site.workspace(`old-${n}`), prompt: `say ${n}`, origin };
    return (await client.start(request)).job_id;
  }));
  await client.wait({ job_ids: old, mode: "all", timeout_seconds: 60 });
  const needed = String(old[random.below(old.length)]);
  ledger.adopt(needed);
  for (const order of running) await ledger.start(client, order);
  const waiting = gatedJob(ledger, { token: "waiting", gate });
  waiting.request.after = [needed, String(running[0]?.acknowledged)];
  await ledger.start(client, waiting);
  await eventually(() => running.every((order) => hasBegun(ledger, order)), { what: "agents" });

  const stop = new AbortController();
  const pruning = (async () => {
    while (!stop.signal.aborted) {
      await insist(() => client.prune({ older_than_days: 0 }), stop.signal).catch(() => {});
      await pause(10);
    }
  })();
  await killFollowers(site, trial, null);
  // What nobody disturbs comes to its end.
  const isPruned = async () => (await client.list({ limit: 1 })).total === ledger.orders.length + 1;
  await eventually(isPruned, { what: "the end of old jobs", timeoutMs: 30_000 }).catch(() =>
    trial.find("wrong", "old jobs were not removed")
  );
  stop.abort();
  await pruning;
  const kept = await client.poll({ job_id: needed }).catch(String);
  trial.expect(typeof kept !== "string", `the job that a waiting one needs: ${kept}`);
  Deno.writeTextFileSync(gate, "");
  await ledger.settle();
}

/** The program goes and its jobs stay: whoever installs it again finds them, and those that ran have gone on. */
async function whileUninstalling(trial: Trial): Promise<void> {
  const { random } = trial;
  const { site, ledger, client, gate, running } = withRunningJobs(trial);
  for (const order of running) ledger.follow(client, await ledger.start(client, order));
  for (let n = 0; n < 3; n++) await ledger.start(client, ledger.draw({ endless: false }));
  await eventually(() => running.every((order) => hasBegun(ledger, order)), { what: "agents" });
  const uninstalled = runProgram(site.state, ["uninstall", "--keep-jobs", "--force"], {
    program: ownProgram(site),
  });
  await pause(random.below(400));
  await kill(site.daemon());
  const { code, stdout, stderr } = await uninstalled;
  trial.expect(code === 0, `uninstall ended with ${code}: ${stdout} ${stderr}`);
  trial.expect(exists(`${site.home}/queue.db`), "the jobs have gone with the program");
  Deno.writeTextFileSync(gate, "");
  await ledger.settle();
}

/** What is uninstalled removes itself: an executable must not be the one that all other attempts need. */
function ownProgram(site: Site): [string, ...string[]] {
  const [program, ...args] = programCommand();
  if (args.length > 0) return [program, ...args];
  const copy = `${site.workspace("installed")}/agent-async`;
  Deno.copyFileSync(program, copy);
  return [copy];
}

export const CRASH_CHANGES: readonly Fault[] = [
  underLoad("kill -9 while a newer version takes over", whileHandingOver),
  underLoad("kill -9 while the store is rebuilt", whileRebuilding, {
    cannot: withoutStrace,
    site: { launcher: UNLESS_HELD },
    // A start that the kill cut short has a directory and no record yet.
    mayLog: /damaged|rebuilt|holds no readable record/,
    mayRepeatEnds: true,
  }),
  {
    name: "kill -9 while old jobs are removed",
    family: "crash points",
    kind: "round",
    cannot: withoutStrace,
    attempt: whilePruning,
  },
  {
    name: "kill -9 during uninstall --keep-jobs",
    family: "crash points",
    kind: "round",
    attempt: whileUninstalling,
  },
];
