/**
 * Room `cli`, the monitor: what every reader of news from the daemon needs.
 *
 * @module
 */
import type { DaemonControl } from "../../service/daemon_control.ts";
import type { JobService } from "../../service/job_service.ts";
import type { Origin } from "../../service/requests.ts";
import type { Clock } from "../../system/clock.ts";
import type { Action } from "./action.ts";

/** Seconds that one call waits for news: well below what any connection in between endures. */
export const LONG_POLL_SECONDS = 50;

/** Ms before a call that failed is made again. */
export const RETRY_MS = 1_000;

export interface Source {
  readonly service: JobService;
  readonly control: DaemonControl;
  readonly clock: Clock;
  /** Origin of this terminal's requests. */
  readonly origin: Origin;
  readonly dispatch: (action: Action) => void;
  /** Aborts when the monitor ends: all reading stops. */
  readonly signal: AbortSignal;
}
