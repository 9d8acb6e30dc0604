/**
 * Chaos: an honest host with a running job, to whom nothing may happen while others misbehave.
 *
 * @module
 */
import { HostSession } from "../support/program.ts";
import type { Trial } from "./fault.ts";
import { resources } from "./processes.ts";
import type { Site } from "./site.ts";

/** Ms in which an honest call has to be answered on a busy machine. */
const ANSWER_MS = 5_000;

/** Resident bytes beyond which a daemon with next to nothing to do has been blown up. */
const MAX_RESIDENT_BYTES = 400 * 2 ** 20;

/** Runs `attack` beside a job, then finishes the job and looks at the daemon. */
export async function beside(
  trial: Trial,
  site: Site,
  attack: () => Promise<void>,
  options: { keepsDaemon?: boolean } = {},
): Promise<void> {
  const go = `${site.workspace("honest")}/go`;
  await using host = await HostSession.start(site.state);
  const id = await host.start(`say begun\nwait ${go}\nsay honest`, { cwd: site.workspace("honest") });
  trial.findings.jobs += 1;
  const daemon = site.daemon();
  await attack();
  const begun = performance.now();
  const { status } = await host.poll(id);
  const tookMs = Math.round(performance.now() - begun);
  trial.expect(tookMs < ANSWER_MS, `an honest poll took ${tookMs} ms`);
  trial.expect(status === "running", `the honest job is ${status}`);
  Deno.writeTextFileSync(go, "");
  const job = await host.ended(id);
  trial.expect(
    job.status === "done" && job.result === "honest",
    `the honest job became ${JSON.stringify(job)}`,
  );
  trial.expect(host.mcp.strayLines.length === 0, `stdout had ${host.mcp.strayLines.join()}`);
  const now = site.daemon();
  if (options.keepsDaemon !== false) trial.expect(now === daemon, `the daemon ${daemon} is now ${now}`);
  if (now === null) return;
  const { residentBytes } = resources(now);
  trial.expect(
    residentBytes < MAX_RESIDENT_BYTES,
    `the daemon has ${Math.round(residentBytes / 2 ** 20)} MiB`,
  );
}
