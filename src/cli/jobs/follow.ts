/**
 * Room `cli`: reading a job as it grows, by long polls and never by sleeping.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import type { EventType } from "../../domain/event/event.ts";
import type { JobService } from "../../service/job_service.ts";
import type { EventsPage, TranscriptPage } from "../../service/read_requests.ts";

/** Seconds that one call waits for news: well below what any connection in between endures. */
const LONG_POLL_SECONDS = 50;

interface FollowOptions {
  /** Goes on until the job has ended; else until there is no more for now. */
  readonly isFollowing: boolean;
  readonly signal: AbortSignal;
}

export interface EventsOptions extends FollowOptions {
  readonly cursor: number;
  readonly types?: EventType[] | undefined;
  /** Characters of any field; 0 leaves them whole. */
  readonly truncate: number;
}

/** Pages of events after a cursor. The last page says how the job stands. */
export async function* eventPages(
  service: JobService,
  jobId: string,
  options: EventsOptions,
): AsyncGenerator<EventsPage, void, void> {
  let { cursor } = options;
  for (;;) {
    const page = await service.events({
      job_id: jobId,
      cursor,
      limit: 500,
      truncate: options.truncate,
      types: options.types,
      wait_seconds: options.isFollowing ? LONG_POLL_SECONDS : 0,
    }, { signal: options.signal });
    yield page;
    cursor = page.cursor;
    if (isOver(page, page.events.length === 0, options.isFollowing)) return;
  }
}

/** Pages of the transcript, from its byte `offset`. */
export async function* transcriptPages(
  service: JobService,
  jobId: string,
  options: FollowOptions & { readonly offset: number },
): AsyncGenerator<TranscriptPage, void, void> {
  let { offset } = options;
  for (;;) {
    const page = await service.transcript({
      job_id: jobId,
      offset,
      wait_seconds: options.isFollowing ? LONG_POLL_SECONDS : 0,
    }, { signal: options.signal });
    yield page;
    offset = page.offset;
    if (isOver(page, page.text === "", options.isFollowing)) return;
  }
}

/** A follower leaves at an empty page of an ended job, since what came with the news of its end may not be all. */
function isOver(
  page: { more: boolean } & Pick<EventsPage, "status">,
  isEmpty: boolean,
  isFollowing: boolean,
): boolean {
  if (page.more) return false;
  return isFollowing ? isEmpty && isFinished(page.status) : true;
}
