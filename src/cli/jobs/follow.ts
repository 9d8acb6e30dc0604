/**
 * Room `cli`: reads a growing job page by page. Waits with long polls and never sleeps.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import type { EventType } from "../../domain/event/event.ts";
import type { JobService } from "../../service/job_service.ts";
import type { EventsPage, TranscriptPage } from "../../service/read_requests.ts";

/** Seconds that one long poll waits: shorter than the idle timeouts of the connections in between. */
const LONG_POLL_SECONDS = 50;

interface FollowOptions {
  /** Read until the job has ended. Otherwise read only what is there already. */
  readonly isFollowing: boolean;
  readonly signal: AbortSignal;
}

export interface EventsOptions extends FollowOptions {
  readonly cursor: number;
  readonly types?: EventType[] | undefined;
  /** Longest text of an event's field, in characters; 0 means no limit. */
  readonly truncate: number;
}

/** The pages of events after `cursor`. Every page has the status of the job. */
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

/** The pages of the transcript from `offset`, in bytes. */
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

/**
 * Whether `page` is the last one. A follower stops only at an empty page of an ended job: the page that first says that
 * the job has ended may not hold its last events.
 */
function isOver(
  page: { more: boolean } & Pick<EventsPage, "status">,
  isEmpty: boolean,
  isFollowing: boolean,
): boolean {
  if (page.more) return false;
  return isFollowing ? isEmpty && isFinished(page.status) : true;
}
