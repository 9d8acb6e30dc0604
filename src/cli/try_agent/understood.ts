/**
 * Room `cli`: counts what was understood of an agent's output in one job, and what was not.
 *
 * @module
 */
import { EventBody } from "../../domain/event/event_body.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { EventsPage } from "../../service/read_requests.ts";

/** How many lines that were not understood are shown, and how many characters of each. */
const EXAMPLES = 3;
const EXAMPLE_CHARS = 200;

export interface Understood {
  /** Number of events by type. A type without events has no key. */
  readonly events: Readonly<Record<string, number>>;
  readonly notUnderstood: { readonly lines: number; readonly examples: readonly string[] };
}

/** Counts the events of a job. An action has several events and counts once, when it ends. */
export function understood(events: readonly EventsPage["events"][number][]): Understood {
  const counts: Record<string, number> = {};
  const raw: string[] = [];
  for (const event of events) {
    const { data } = EventBody.safeParse(event);
    if (data === undefined || data.type === "status") continue;
    if (data.type === "raw") raw.push(data.text);
    else if (!("state" in data) || data.state !== "started") counts[data.type] = (counts[data.type] ?? 0) + 1;
  }
  return {
    events: counts,
    notUnderstood: {
      lines: raw.length,
      examples: raw.slice(0, EXAMPLES).map((line) => line.slice(0, EXAMPLE_CHARS)),
    },
  };
}

/** What a complete job result has and this one lacks, one sentence for each. Empty unless the job is `done`. */
export function missing({ events }: Understood, job: JobResult): string[] {
  if (job.status !== "done") return [];
  return [
    ...(job.result === null || job.result.trim() === "" ? ["It gave no answer that was understood."] : []),
    ...(events["usage"] === undefined ? ["It did not tell what it has used."] : []),
    ...(events["session"] === undefined ? ["It named no session."] : []),
  ];
}
