/**
 * Room `scheduler`: reads pages of a job's events and transcript from its directory.
 *
 * @module
 */
import type { EventType, JobEvent } from "../../domain/event/event.ts";
import { lastSeq, readEvents, readTranscript } from "../../kernel/events/event_reader.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";

/** Bytes of one transcript page. */
const TRANSCRIPT_PAGE_BYTES = 256 * 1024;

export interface PageRequest {
  cursor: number;
  limit: number;
  /** Types to give; an empty list means all, since models send one where they mean to leave it out. */
  types?: readonly EventType[] | undefined;
  /** Most characters of a string field; 0 leaves them whole. */
  truncate: number;
  /** Most characters of the page as JSON; one event is given even when it is longer. */
  maxChars: number;
}

export async function readPage(
  directory: JobDirectory,
  page: PageRequest,
): Promise<{ events: JobEvent[]; cursor: number; more: boolean }> {
  return await readEvents(directory, {
    after: page.cursor,
    limit: page.limit,
    ...(page.types === undefined || page.types.length === 0 ? {} : { types: page.types }),
    truncate: page.truncate,
    maxChars: page.maxChars,
  });
}

/** Number of the newest event of a job; 0 when it has none. */
export function newestEvent(directory: JobDirectory): number {
  return lastSeq(directory);
}

/** The transcript from byte `offset` on, in whole characters. */
export async function readTranscriptPage(
  directory: JobDirectory,
  offset: number,
): Promise<{ text: string; offset: number; more: boolean }> {
  return await readTranscript(directory, offset, TRANSCRIPT_PAGE_BYTES);
}
