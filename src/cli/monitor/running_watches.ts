/**
 * Room `cli`, the monitor: reads what running jobs are doing. A job is polled again only after a new event of it, and
 * at most once a second.
 *
 * @module
 */
import { isAgentAsyncError } from "../../domain/errors.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { detailOf } from "./monitor_state.ts";
import { pause } from "../../system/pause.ts";
import { LONG_POLL_SECONDS, RETRY_MS, type Source } from "./source.ts";

/** Ms between two polls of one job, at least. */
const LOOK_MS = 1_000;
/** Jobs that are watched at most: the daemon reads a job's output more often while somebody waits for its events. */
const MOST = 32;

export class RunningWatches {
  readonly #source: Source;
  readonly #watched = new Map<string, AbortController>();

  constructor(source: Source) {
    this.#source = source;
    source.signal.addEventListener("abort", () => this.watch([]), { once: true });
  }

  /** Watches these jobs, the first `MOST` of them, and no others. */
  watch(jobIds: readonly string[]): void {
    const wanted = new Set(this.#source.signal.aborted ? [] : jobIds.slice(0, MOST));
    for (const [id, controller] of this.#watched) {
      if (wanted.has(id)) continue;
      controller.abort();
      this.#watched.delete(id);
    }
    for (const id of wanted) {
      if (this.#watched.has(id)) continue;
      const controller = new AbortController();
      this.#watched.set(id, controller);
      void this.#watch(id, controller.signal).finally(() => {
        if (this.#watched.get(id) === controller) this.#watched.delete(id);
      });
    }
  }

  async #watch(jobId: string, signal: AbortSignal): Promise<void> {
    const { service, clock, dispatch } = this.#source;
    while (!signal.aborted) {
      try {
        const looked = clock.steady();
        const job = await service.poll({ job_id: jobId, tail_lines: 0 }, { signal });
        dispatch({ type: "details", details: [detailOf(job)] });
        if (isFinished(job.status)) return;
        const news = {
          job_id: jobId,
          cursor: job.cursor,
          limit: 1,
          truncate: 1,
          wait_seconds: LONG_POLL_SECONDS,
        };
        await service.events(news, { signal });
        await pause(looked + LOOK_MS - clock.steady(), signal);
      } catch (error) {
        if (isAgentAsyncError(error, "not_found")) return;
        await pause(RETRY_MS, signal);
      }
    }
  }
}
