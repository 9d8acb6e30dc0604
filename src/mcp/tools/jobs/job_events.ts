/**
 * Room `mcp`: the tool `job_events`.
 *
 * @module
 */
import * as z from "zod";
import { strictJson } from "../../../domain/reading/strict_json.ts";
import { type EventsPage, EventsRequest } from "../../../service/read_requests.ts";
import { firstThatFits } from "../../views/answer_size.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool, toolSpec } from "../definition/define_tool.ts";
import { cutEnd, fence, type Fenced } from "../../views/fence.ts";
import { isRecord } from "../../desk/json_rpc.ts";
import { READS_ONLY, type ToolAnswer } from "../definition/tool.ts";

const { shape } = EventsRequest;

/** How to make a page fit: fewer events first, since the cursor brings the others; then shorter strings. */
interface PageCut {
  /** Of the events, the first `share`; never less than one. */
  readonly share: number;
  /** Characters of each string; `null` leaves them as they are, 0 leaves only the event's head. */
  readonly chars: number | null;
}

const PAGE_CUTS: readonly [PageCut, ...PageCut[]] = [
  { share: 1, chars: null },
  ...[1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 0].map((share) => ({ share, chars: null })),
  ...[24_000, 12_000, 4_000, 1_000, 0].map((chars) => ({ share: 0, chars })),
];

export const jobEventsSpec = toolSpec({
  name: "job_events",
  title: "Read a job's events",
  description:
    "What the agent of a job did, step by step: messages, commands, file changes, tool calls, errors. Returns events " +
    "after cursor at once; going on with the returned cursor gives every event exactly once. " +
    "To follow or check a job in detail; job_poll is shorter for the outcome, job_wait waits.",
  input: z.object({
    job_id: JobIdArgument.describe("id from a start"),
    cursor: shape.cursor.describe("last seq already read; 0 is the beginning"),
    limit: shape.limit.describe("events at most"),
    types: shape.types.describe("only these types"),
    truncate: shape.truncate.describe("characters of each string; 0 leaves them whole"),
  }),
  output: z.object({
    events: z.array(z.looseObject({ seq: z.number(), type: z.string() })),
    cursor: z.number(),
    status: z.string(),
    more: z.boolean().describe("events after cursor exist already"),
  }).loose(),
  annotations: READS_ONLY,
  async run(args, context) {
    const page = await context.service.events(args, { signal: context.signal });
    return firstThatFits(PAGE_CUTS, (cut) => pageAnswer(args.job_id, cutPage(page, cut), context));
  },
});

export const jobEvents = defineTool(jobEventsSpec);

function pageAnswer(jobId: string, page: EventsPage, { fenced }: { readonly fenced: Fenced }): ToolAnswer {
  const { events, cursor, status, more } = page;
  const next = more ? "; more are there: call again with this cursor" : "";
  return {
    structured: { events: events.map((event) => fencedValues(event, fenced)), cursor, status, more },
    text: [
      `${events.length} events of job ${jobId} (${status}), cursor ${cursor}${next}`,
      ...(events.length === 0 ? [] : [fence("events", events.map((event) => strictJson(event)).join("\n"))]),
    ].join("\n"),
  };
}

/** What of an event is not in an agent's words: our own fields, fixed words, and names that cannot hold a sentence. */
const NO_WORDS = ["seq", "turn", "time", "type", "state", "kind", "id", "question_id", "session_id"];
const NAME = /^[\w.:-]{0,80}$/;

function fencedValues(record: Readonly<Record<string, unknown>>, fenced: Fenced): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, fencedValue(key, value, fenced)]),
  );
}

function fencedValue(key: string, value: unknown, fenced: Fenced): unknown {
  if (typeof value === "string") return NO_WORDS.includes(key) && NAME.test(value) ? value : fenced(value);
  if (Array.isArray(value)) return value.map((entry) => fencedValue(key, entry, fenced));
  return isRecord(value) ? fencedValues(value, fenced) : value;
}

function cutPage(page: EventsPage, cut: PageCut): EventsPage {
  const events = page.events.slice(0, Math.max(1, Math.floor(page.events.length * cut.share)));
  const last = events.at(-1);
  const isWhole = last === undefined || events.length === page.events.length;
  return {
    ...page,
    events: events.map((event) => cutEvent(event, cut.chars)),
    ...(isWhole ? {} : { cursor: last.seq, more: true }),
  };
}

function cutEvent(event: EventsPage["events"][number], chars: number | null): EventsPage["events"][number] {
  if (chars === null) return event;
  const { seq, turn, time, type } = event;
  if (chars === 0) return { seq, turn, time, type, cut: "too long for one answer" };
  const cut = cutStrings(event, chars);
  return { ...(isRecord(cut) ? cut : {}), seq, turn, time, type };
}

function cutStrings(value: unknown, chars: number): unknown {
  if (typeof value === "string") return cutEnd(value, chars, "the job's transcript");
  if (Array.isArray(value)) return value.map((entry) => cutStrings(entry, chars));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, cutStrings(entry, chars)]));
}
