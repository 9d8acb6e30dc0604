/**
 * Room `store`: reading the feed. A reader holds nothing but a cursor, so any number of them disturb nobody.
 *
 * @module
 */
import { FeedEntry } from "../domain/feed.ts";
import { countOf, parsed } from "./records/codec.ts";
import { ENDED_PREFIX, endedKey, FEED_HEAD_KEY, FEED_PREFIX, feedKey } from "./records/keys.ts";

export interface FeedPage {
  entries: FeedEntry[];
  /** Where to go on. */
  cursor: number;
}

export async function readFeedHead(kv: Deno.Kv): Promise<number> {
  return countOf(await kv.get<Deno.KvU64>(FEED_HEAD_KEY));
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
  for await (const entry of kv.list(selector, { limit: options.limit })) {
    entries.push(parsed(FeedEntry, entry.value));
  }
  const last = entries.at(-1)?.cursor ?? after;
  return { entries, cursor: entries.length === options.limit ? last : Math.max(last, head) };
}
