/**
 * Room `store`: reading the feed. A reader holds nothing but a cursor, so any number of them disturb nobody.
 *
 * @module
 */
import type { FeedEntry } from "../domain/feed.ts";
import { ENDED_PREFIX, endedKey, FEED_HEAD_KEY, FEED_PREFIX, feedKey } from "./keys.ts";

export interface FeedPage {
  entries: FeedEntry[];
  /** Where to go on. */
  cursor: number;
}

export async function readFeedHead(kv: Deno.Kv): Promise<number> {
  return (await kv.get<number>(FEED_HEAD_KEY)).value ?? 0;
}

/**
 * Entries after `cursor`, oldest first. A cursor beyond the head was given by another store (the state directory was
 * emptied since): all that is here is news to its reader.
 */
export async function readFeed(
  kv: Deno.Kv,
  cursor: number,
  options: { limit: number; finishedOnly?: boolean },
): Promise<FeedPage> {
  // Read first: every entry up to it is visible to the list that follows, so the cursor passes over none.
  const head = await readFeedHead(kv);
  const after = cursor > head ? 0 : cursor;
  const selector = options.finishedOnly === true
    ? { prefix: ENDED_PREFIX, start: endedKey(after + 1) }
    : { prefix: FEED_PREFIX, start: feedKey(after + 1) };
  const entries: FeedEntry[] = [];
  for await (const entry of kv.list<FeedEntry>(selector, { limit: options.limit })) entries.push(entry.value);
  const last = entries.at(-1)?.cursor ?? after;
  return { entries, cursor: entries.length === options.limit ? last : Math.max(last, head) };
}

/** Yields the head at once and whenever it has moved. Ends with the signal, and when the store is closed. */
export async function* watchFeedHead(kv: Deno.Kv, signal: AbortSignal): AsyncGenerator<number> {
  if (signal.aborted) return;
  const reader = kv.watch<[number]>([FEED_HEAD_KEY]).getReader();
  const stop = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    let seen = -1;
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) return;
      const head = value[0].value ?? 0;
      if (head === seen) continue;
      seen = head;
      yield head;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
