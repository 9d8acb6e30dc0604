/**
 * Chaos: tries faults, round after round. The seed of every attempt follows from the campaign's, so that one attempt
 * can be made again by itself.
 *
 * @module
 */
import { type Fault, type Findings, noFindings, Trial, type TrialOptions } from "./fault.ts";
import type { Row } from "./report.ts";

export interface CampaignOptions {
  faults: readonly Fault[];
  seed: number;
  /** Attempts at the faults that vary, altogether. */
  rounds: number;
  /** How long the soak lasts. */
  soakMinutes: number;
  /** Hears of every attempt as it ends. */
  onAttempt?: (fault: Fault, seed: number, findings: Findings) => void;
  /** No further attempt begins after it. */
  signal?: AbortSignal;
}

export async function campaign(options: CampaignOptions): Promise<Row[]> {
  const rows = new Map<Fault, Row>(options.faults.map((fault) => [fault, emptyRow(fault)]));
  for (const { fault, seed } of attempts(options)) {
    if (options.signal?.aborted === true) break;
    const row = rows.get(fault);
    if (row === undefined || row.skipped !== null) continue;
    const begun = performance.now();
    const findings = await attempt(fault, seed, { soakMinutes: options.soakMinutes });
    row.tried += 1;
    row.seconds += (performance.now() - begun) / 1000;
    for (const count of ["jobs", "lost", "doubled", "wrong", "left"] as const) row[count] += findings[count];
    row.notes.push(...findings.notes.map((note) => `seed ${seed}: ${note}`));
    options.onAttempt?.(fault, seed, findings);
  }
  return [...rows.values()];
}

/** First everything that is tried once, then round after round of the rest. */
function* attempts({ faults, seed, rounds }: CampaignOptions): Generator<{ fault: Fault; seed: number }> {
  for (const fault of faults.filter((fault) => fault.kind === "once")) yield { fault, seed };
  const varying = faults.filter((fault) => fault.kind === "round" && (fault.cannot?.() ?? null) === null);
  for (let round = 0; round < rounds && varying.length > 0; round++) {
    const fault = varying[round % varying.length];
    if (fault !== undefined) yield { fault, seed: seed + round };
  }
}

/** One attempt. What it throws is a finding: the suite could not see through what the fault had done. */
export async function attempt(fault: Fault, seed: number, options: TrialOptions = {}): Promise<Findings> {
  const findings = noFindings();
  const trial = new Trial(seed, options);
  try {
    await fault.attempt(trial);
  } catch (error) {
    trial.hasBrokenOff = true;
    trial.find("wrong", error instanceof Error ? `${error.stack} ${error.cause ?? ""}` : String(error));
  } finally {
    await trial[Symbol.asyncDispose]();
  }
  return Object.assign(findings, trial.findings);
}

function emptyRow(fault: Fault): Row {
  return {
    family: fault.family,
    fault: fault.name,
    tried: 0,
    seconds: 0,
    skipped: fault.cannot?.() ?? null,
    ...noFindings(),
  };
}
