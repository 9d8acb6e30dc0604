/**
 * Chaos: what a fault is, and what an attempt at it may find.
 *
 * @module
 */
import { type SeededRandom, seededRandom } from "../support/seeded_random.ts";
import { Site, type SiteOptions } from "./site.ts";

export interface Fault {
  /** As the table prints it. */
  readonly name: string;
  readonly family:
    | "crash points"
    | "front-ends"
    | "agents"
    | "machine"
    | "load"
    | "places"
    | "security"
    | "talks";
  /** `round`: tried again and again with other numbers; `once`: once in a campaign, since nothing in it varies. */
  readonly kind: "round" | "once";
  /** Why it cannot be tried on this machine; `null` when it can. */
  cannot?(): string | null;
  attempt(trial: Trial): Promise<void>;
}

/** Counts of the table. `notes` say what was found, for the one who has to repair it. */
export interface Findings {
  jobs: number;
  lost: number;
  doubled: number;
  wrong: number;
  left: number;
  notes: string[];
}

export function noFindings(): Findings {
  return { jobs: 0, lost: 0, doubled: 0, wrong: 0, left: 0, notes: [] };
}

/** Minutes of a soak unless told. */
const SOAK_MINUTES = 10;

export interface TrialOptions {
  soakMinutes?: number;
}

/** One attempt at one fault: its random numbers, its state directories, and what it found. */
export class Trial implements AsyncDisposable {
  readonly random: SeededRandom;
  readonly findings: Findings = noFindings();
  /** Whether the attempt itself broke off: then nobody has ended its jobs, and they do not count as left. */
  hasBrokenOff = false;
  readonly soakMinutes: number;
  readonly #sites: Site[] = [];

  constructor(readonly seed: number, { soakMinutes = SOAK_MINUTES }: TrialOptions = {}) {
    this.random = seededRandom(seed);
    this.soakMinutes = soakMinutes;
  }

  /** A state directory of its own; everything that runs in it ends with the trial. */
  site(options: SiteOptions = {}): Site {
    const site = new Site(options);
    this.#sites.push(site);
    return site;
  }

  /** Counts something that is not as it has to be. */
  find(what: "lost" | "doubled" | "wrong" | "left", note: string): void {
    this.findings[what] += 1;
    this.findings.notes.push(`${what}: ${note}`);
  }

  /** Counts as wrong what is not so. */
  expect(isSo: boolean, note: string): void {
    if (!isSo) this.find("wrong", note);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const site of this.#sites) {
      const left = await site.close({ keep: this.findings.notes.length > 0 });
      if (!this.hasBrokenOff) { for (const process of left) this.find("left", process); }
    }
  }
}
