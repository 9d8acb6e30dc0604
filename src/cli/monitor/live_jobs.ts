/**
 * Room `cli`, the monitor: follows the feed, and reads the jobs again after a change. Without a change nothing is
 * read.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import type { Brief } from "../../domain/job/result.ts";
import type { Notification } from "../../service/read_requests.ts";
import { failureOf } from "../entry/exit_code.ts";
import { detailOf } from "./monitor_state.ts";
import { pause } from "../../system/pause.ts";
import { recentJobs } from "./recent_jobs.ts";
import { RunningWatches } from "./running_watches.ts";
import { LONG_POLL_SECONDS, RETRY_MS, type Source } from "./source.ts";

/** Ms between two readings of all jobs, however many updates come. */
const GAP_MS = 200;
/**
 * Seconds without an update after which the jobs are read once more: what a job waits for settles a moment after a
 * change.
 */
const SETTLE_SECONDS = 1;
/** Updates of the feed before the present that are read, to learn since when each turn has been waiting or running. */
const LOOK_BACK = 500;
/** Results of jobs that are requested at the same time. */
const DETAILS_AT_ONCE = 10;

export class LiveJobs {
  readonly #source: Source;
  readonly #watches: RunningWatches;
  readonly #activeSince = new Map<string, number>();
  /** The end times of the ended jobs whose results have been read, by job id. */
  #known = new Map<string, string | null>();
  #wasUp = false;

  constructor(source: Source) {
    this.#source = source;
    this.#watches = new RunningWatches(source);
  }

  /**
   * Runs until the signal aborts, and retries when the daemon is gone.
   * @throws the failure of the first attempt, after which there is nothing to show.
   */
  async run(): Promise<void> {
    const { signal, dispatch } = this.#source;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (signal.aborted) return;
        if (!this.#wasUp) throw error;
        dispatch({ type: "link", link: { kind: "down", why: failureOf(error).message } });
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #follow(): Promise<void> {
    const { service, dispatch, signal } = this.#source;
    const head = (await service.feed({}, { signal })).cursor;
    const before = await service.feed({ cursor: Math.max(0, head - LOOK_BACK), limit: LOOK_BACK }, {
      signal,
    });
    this.#note(before.notifications);
    let { cursor } = before;
    let waitSeconds = SETTLE_SECONDS;
    for (;;) {
      await this.#look();
      this.#wasUp = true;
      dispatch({ type: "link", link: { kind: "up" } });
      await pause(GAP_MS, signal);
      const page = await service.feed({ cursor, limit: LOOK_BACK, wait_seconds: waitSeconds }, {
        signal,
      });
      waitSeconds = page.notifications.length > 0 ? SETTLE_SECONDS : LONG_POLL_SECONDS;
      this.#note(page.notifications);
      cursor = page.cursor;
    }
  }

  #note(notifications: readonly Notification[]): void {
    for (const { job_id, status, time } of notifications) {
      if (isFinished(status)) this.#activeSince.delete(job_id);
      else this.#activeSince.set(job_id, Date.parse(time));
    }
  }

  async #look(): Promise<void> {
    const { service, control, origin, dispatch, signal } = this.#source;
    const [queue, daemon] = await Promise.all([
      service.queue({ origin }, { signal }),
      control.status({ signal }),
    ]);
    // The records are read after the queue: the daemon keeps the queue in memory, where it may be a moment behind
    // them.
    const { newest, finished } = await recentJobs(service, { signal });
    const now = new Map([...newest, ...finished].map((job) => [job.job_id, job]));
    const active = [...queue.running, ...queue.pending].map((job) => now.get(job.job_id) ?? job);
    const running = active.filter((job) => job.status === "running");
    const pending = active.filter((job) => job.status === "pending");
    dispatch({
      type: "jobs",
      daemonVersion: daemon.version,
      limit: queue.limits.total,
      running,
      pending,
      pendingCount: queue.pending_count - queue.pending.length + pending.length,
      finished,
      activeSince: new Map(this.#activeSince),
    });
    this.#watches.watch(running.map((job) => job.job_id));
    await this.#readResults(finished);
  }

  async #readResults(finished: readonly Brief[]): Promise<void> {
    const { service, dispatch, signal } = this.#source;
    const missing = finished.filter((job) => this.#known.get(job.job_id) !== job.finished_at);
    for (let at = 0; at < missing.length; at += DETAILS_AT_ONCE) {
      const group = missing.slice(at, at + DETAILS_AT_ONCE);
      const results = await Promise.all(
        group.map((job) => service.poll({ job_id: job.job_id, tail_lines: 0 }, { signal }).catch(() => null)),
      );
      const details = results.flatMap((result) => result === null ? [] : [detailOf(result)]);
      for (const detail of details) this.#known.set(detail.job_id, detail.finished_at);
      dispatch({ type: "details", details });
    }
    const ids = new Set(finished.map((job) => job.job_id));
    this.#known = new Map([...this.#known].filter(([id]) => ids.has(id)));
  }
}
