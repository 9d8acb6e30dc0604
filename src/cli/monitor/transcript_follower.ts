/**
 * Room `cli`, the monitor: reads the transcript of one job as it grows.
 *
 * @module
 */
import { isAgentAsyncError } from "../../domain/errors.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { pause } from "../../system/pause.ts";
import { LONG_POLL_SECONDS, RETRY_MS, type Source } from "./source.ts";

/** Ms that a job must stay selected before its transcript is read: moving through the list reads none. */
const SETTLE_MS = 60;

export class TranscriptFollower {
  readonly #source: Source;
  #jobId: string | null = null;
  #controller = new AbortController();
  #again = Promise.withResolvers<void>();

  constructor(source: Source) {
    this.#source = source;
    source.signal.addEventListener("abort", () => this.follow(null), { once: true });
  }

  /** Follows this job's transcript, from its beginning, and no other; `null` follows none. */
  follow(jobId: string | null): void {
    if (jobId === this.#jobId) return;
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#jobId = jobId;
    if (jobId !== null && !this.#source.signal.aborted) void this.#read(jobId, this.#controller.signal);
  }

  /** Reads on in the transcript of an ended job, which a reply may have made longer. */
  wake(): void {
    this.#again.resolve();
  }

  async #read(jobId: string, signal: AbortSignal): Promise<void> {
    const { service, dispatch } = this.#source;
    await pause(SETTLE_MS, signal);
    if (signal.aborted) return;
    dispatch({ type: "transcript_begun", jobId });
    let offset = 0;
    let waitSeconds = 0;
    while (!signal.aborted) {
      try {
        this.#again = Promise.withResolvers<void>();
        const page = await service.transcript({ job_id: jobId, offset, wait_seconds: waitSeconds }, {
          signal,
        });
        offset = page.offset;
        waitSeconds = page.more ? 0 : LONG_POLL_SECONDS;
        dispatch({ type: "transcript_grown", jobId, text: page.text, isRead: !page.more });
        if (page.more || page.text !== "" || !isFinished(page.status)) continue;
        const given = Promise.withResolvers<void>();
        signal.addEventListener("abort", () => given.resolve(), { once: true });
        await Promise.race([this.#again.promise, given.promise]);
      } catch (error) {
        if (isAgentAsyncError(error, "not_found")) return;
        await pause(RETRY_MS, signal);
      }
    }
  }
}
