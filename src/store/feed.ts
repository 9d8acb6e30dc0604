/**
 * Room `store`: reading the feed. A reader's only state is its cursor, so any number of readers can read at once.
 *
 * @module
 */
import { FeedEntry } from "../domain/feed.ts";
import type { FeedOptions } from "./job_store.ts";
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
  options: FeedOptions,
): Promise<FeedPage> {
  // The head is read before the list. Every entry up to it is then visible to the list, so the returned cursor skips
  // none.
  const head = await readFeedHead(kv);
  const after = cursor > head ? 0 : cursor;
  const entries = options.finishedOnly !== true
    ? await listed(kv, { prefix: FEED_PREFIX, start: feedKey(after + 1) }, options)
    : options.withQuestions !== true
    ? await listed(kv, { prefix: ENDED_PREFIX, start: endedKey(after + 1) }, options)
    : await readEndsAndQuestions(kv, { after, head, limit: options.limit });
  const last = entries.at(-1)?.cursor ?? after;
  return { entries, cursor: entries.length === options.limit ? last : Math.max(last, head) };
}

async function listed(
  kv: Deno.Kv,
  selector: Deno.KvListSelector,
  options: { limit?: number },
): Promise<FeedEntry[]> {
  const { limit } = options;
  const entries: FeedEntry[] = [];
  for await (const entry of kv.list(selector, limit === undefined ? {} : { limit })) {
    entries.push(parsed(FeedEntry, entry.value));
  }
  return entries;
}

/**
 * Questions have no index of their own: they are rare, and three updates in four lie between two ends. So all updates
 * are read up to the last end of the page, or to the feed's head.
 */
async function readEndsAndQuestions(
  kv: Deno.Kv,
  { after, head, limit }: { after: number; head: number; limit: number },
): Promise<FeedEntry[]> {
  const ends = await listed(kv, { prefix: ENDED_PREFIX, start: endedKey(after + 1) }, { limit });
  const last = ends.length === limit ? ends.at(-1) : undefined;
  const bound = last?.cursor ?? head;
  const entries = new Map(ends.map((end) => [end.cursor, end]));
  for await (const entry of kv.list({ start: feedKey(after + 1), end: feedKey(bound + 1) })) {
    const news = parsed(FeedEntry, entry.value);
    if (news.asked !== undefined) entries.set(news.cursor, news);
  }
  // What was committed after the head was read belongs to the next page: a question may lie before it.
  return [...entries.values()].filter(({ cursor }) => cursor <= bound)
    .sort((one, other) => one.cursor - other.cursor).slice(0, limit);
}
