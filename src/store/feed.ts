/**
 * Room `store`: reading the feed. A reader's only state is its cursor, so any number of readers can read at once.
 *
 * @module
 */
import { FeedEntry } from "../domain/feed.ts";
import { countOf, parsed } from "./records/codec.ts";
import { ENDED_PREFIX, endedKey, FEED_HEAD_KEY, FEED_PREFIX, feedKey } from "./records/keys.ts";

export interface FeedPage {
  entries: FeedEntry[];
  /** The cursor to read the next page with. */
  cursor: number;
}

export async function readFeedHead(kv: Deno.Kv): Promise<number> {
  return countOf(await kv.get<Deno.KvU64>(FEED_HEAD_KEY));
}

/**
 * Feed entries after `cursor`, oldest first. A cursor beyond the newest one was given out by another store, as when the
 * state directory was emptied since. Reading then begins at the oldest entry.
 */
export async function readFeed(
  kv: Deno.Kv,
  cursor: number,
  options: { limit: number; finishedOnly?: boolean },
): Promise<FeedPage> {
  // The head is read before the list. Every entry up to it is then visible to the list, so the returned cursor skips
  // none.
  const head = await readFeedHead(kv);
  const after = cursor > head ? 0 : cursor;
  const selector = options.finishedOnly === true
    ? { prefix: ENDED_PREFIX, start: endedKey(after + 1) }
    : { prefix: FEED_PREFIX, start: feedKey(after + 1) };
  const entries: FeedEntry[] = [];
  for await (const entry of kv.list(selector, { limit: options.limit })) {
    entries.push(parsed(FeedEntry, entry.value));
  }
  const last = entries.at(-1)?.cursor ?? after;
  return { entries, cursor: entries.length === options.limit ? last : Math.max(last, head) };
}
