/**
 * Room `scheduler`: what the watch of a turn works with.
 *
 * @module
 */
import type { AgentCatalog } from "../../agents/detection/catalog.ts";
import type { Job } from "../../domain/job/job.ts";
import type { TurnOutcome } from "../../domain/turn/turn.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import type { Log } from "../../system/log.ts";
import type { Processes } from "../../system/processes/processes.ts";
import type { ProcessMark } from "../../system/processes/young_pids.ts";
import type { Limits } from "../limits.ts";
import type { Budgets } from "../money/spending.ts";
import type { Pulse } from "../pulse.ts";

/** What the watch of a turn tells, and whom it asks. */
export interface TurnCallbacks {
  /** Commits the end of a turn with what follows it. */
  conclude: (job: Job, outcome: TurnOutcome) => Promise<void>;
  /** Whether a turn that its wrapper refused is launched again. If so, this watch ends without an outcome. */
  beginAgain?: (job: Job) => boolean;
  /** Called when a job has new events to read. */
  onEvents: (id: string) => void;
  /** Called with the committed record when what a two-way turn asks has changed. */
  onQuestions?: (job: Job) => void;
  /** Called when a two-way turn begins or ends to do nothing but wait for an answer. */
  onWaiting?: (id: string) => void;
}

export interface TurnWatchOptions extends TurnCallbacks {
  store: JobStore;
  processes: Processes;
  clock: Clock;
  log: Log;
  limits: () => Limits;
  /** Whether jobs have used up their budgets. */
  spending?: Budgets;
  /** Finds the agent in whose sandbox a check runs. */
  catalog?: Pick<AgentCatalog, "driver" | "detect">;
}

/** What decides when the watch polls its turn. */
export interface TurnBeat {
  pulse: Pulse;
  /** Whether a caller waits for the job: then its output is polled more often. */
  isAwaited: () => boolean;
  /** Age of the process in ms when the watch begins. */
  ageMs: number;
  /** The moment just before the launch; `null` when another daemon launched it. */
  mark: ProcessMark | null;
}
