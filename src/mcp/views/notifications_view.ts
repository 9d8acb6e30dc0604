/**
 * Room `mcp`: a page of the feed as hosts get it.
 *
 * @module
 */
import * as z from "zod";
import type { FeedPage, Notification } from "../../service/read_requests.ts";
import { firstThatFits } from "./answer_size.ts";
import { cutEnd, type Fenced, quoted } from "./fence.ts";
import type { ToolAnswer } from "../tools/definition/tool.ts";

export const NotificationsOutput = z.looseObject({
  notifications: z.array(z.looseObject({ cursor: z.number(), job_id: z.string(), status: z.string() })),
  cursor: z.number().describe("to go on from"),
});

/** Characters of an agent's own summary; without summaries a page of the feed always fits. */
const SUMMARY_CHARS: readonly [number, ...number[]] = [2_000, 200, 0];

/** @param whenEmpty what to say when nothing is new. */
export function notificationsAnswer(
  { notifications, cursor }: FeedPage,
  whenEmpty: string,
  { fenced }: { readonly fenced: Fenced },
): ToolAnswer {
  return firstThatFits(SUMMARY_CHARS, (chars) => {
    const shown = notifications.map((entry) => withShortSummary(entry, chars));
    return {
      structured: {
        notifications: notifications.map((entry) => withShortSummary(entry, chars, fenced)),
        cursor,
      },
      text: [
        `${shown.length} notifications, cursor ${cursor}`,
        ...(shown.length === 0 ? [whenEmpty] : shown.map(notificationLine)),
      ].join("\n"),
    };
  });
}

function withShortSummary(entry: Notification, chars: number, fenced?: Fenced): Notification {
  const { summary, ...others } = entry;
  if (summary === undefined || chars === 0) return others;
  return { ...others, summary: cutEnd(summary, chars, "cut", fenced) };
}

function notificationLine(entry: Notification): string {
  const { cursor, job_id, turn, status, reason, summary, time } = entry;
  const why = reason === undefined || reason === status ? "" : ` (${reason})`;
  const said = summary === undefined ? "" : `, summary ${quoted(summary, 300)}`;
  return `${cursor}: job ${job_id}, turn ${turn}: ${status}${why} at ${time}${said}`;
}
