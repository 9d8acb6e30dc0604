/**
 * Chaos: those who wait for jobs and read their events while daemons come and go.
 *
 * @module
 */
import type { RemoteService } from "../../src/service/remote/service.ts";
import { isFinished } from "../../src/domain/job/reason.ts";
import { pause } from "./processes.ts";

/** What one reader got of one job, page by page, with the cursor that each page gave. */
export interface Read {
  jobId: string;
  /** The cursor that it began with; the job may not be there yet. */
  from: number;
  seqs: number[];
  texts: string[];
  /** Whether it read to the end of the finished job. */
  isWhole: boolean;
}

/** Ms after which a call that a daemon's death has refused is made again. */
const AGAIN_MS = 20;

/** Makes a call until it is answered; daemons may die under it more often than a client endures by itself. */
export async function insist<Value>(call: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      await pause(AGAIN_MS);
    }
  }
}

/** A daemon that was killed too often in a row; anything else is a finding. */
function isPassing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "daemon_unreachable";
}

/** Follows the events of a job, with small pages, until the job has ended and everything is read. */
export async function readEvents(
  client: RemoteService,
  read: Read,
  options: { limit: number; signal: AbortSignal },
): Promise<void> {
  const { limit, signal } = options;
  for (let cursor = read.from; !signal.aborted;) {
    const request = { job_id: read.jobId, cursor, limit, truncate: 0, wait_seconds: 5 };
    const page = await insist(() => client.events(request, { signal }), signal);
    for (const event of page.events) {
      read.seqs.push(event.seq);
      if (event.type === "message" && typeof event.text === "string") read.texts.push(event.text);
    }
    cursor = page.cursor;
    if (page.events.length === 0 && !page.more && isFinished(page.status)) {
      read.isWhole = true;
      return;
    }
  }
}

/** What a reader of the feed, or somebody who waits for whatever ends next, got. */
export interface Heard {
  cursors: number[];
  /** As of {@link endName}. */
  ends: string[];
}

export function endName({ job_id, turn, status }: { job_id: string; turn: number; status: string }): string {
  return `${job_id} ${turn} ${status}`;
}

/** Follows the feed from its beginning until the signal. */
export function readFeed(client: RemoteService, heard: Heard, signal: AbortSignal): Promise<void> {
  return goOn(signal, async (cursor) => {
    const page = await client.feed({ cursor, wait_seconds: 5, finished_only: true }, { signal });
    for (const end of page.notifications) {
      heard.cursors.push(end.cursor);
      heard.ends.push(endName(end));
    }
    return page.cursor;
  });
}

/** Waits for the next job to end, again and again from the beginning, until the signal. */
export function awaitEnds(client: RemoteService, heard: Heard, signal: AbortSignal): Promise<void> {
  return goOn(signal, async (cursor) => {
    const waited = await client.wait({ cursor, timeout_seconds: 5 }, { signal });
    for (const job of waited.jobs) {
      heard.cursors.push(waited.cursor);
      heard.ends.push(endName(job));
    }
    return waited.cursor;
  });
}

/** Asks from cursor to cursor until the signal. */
async function goOn(signal: AbortSignal, next: (cursor: number) => Promise<number>): Promise<void> {
  try {
    for (let cursor = 0; !signal.aborted;) cursor = await insist(() => next(cursor), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
