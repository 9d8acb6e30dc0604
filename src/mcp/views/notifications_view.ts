/**
 * Room `mcp`: a page of the feed as hosts get it.
 *
 * @module
 */
import * as z from "zod";
import type { FeedPage, Notification } from "../../service/read_requests.ts";
import { firstThatFits } from "./answer_size.ts";
import type { Question } from "../../domain/question/question.ts";
import { cutEnd, type Fenced, quoted } from "./fence.ts";
import { howToAnswer, type QuestionPlaces, questionText, questionView } from "./question_view.ts";
import type { ToolAnswer } from "../tools/definition/tool.ts";

export const NotificationsOutput = z.looseObject({
  notifications: z.array(z.looseObject({ cursor: z.number(), job_id: z.string(), status: z.string() })),
  cursor: z.number().describe("to go on from"),
});

/** Characters of an agent's own summary or question; without them a page of the feed always fits. */
const SUMMARY_CHARS: readonly [number, ...number[]] = [2_000, 200, 0];

/** @param whenEmpty what to say when nothing is new. */
export function notificationsAnswer(
  { notifications, cursor }: FeedPage,
  whenEmpty: string,
  places: QuestionPlaces & {
    /** What the jobs ask that have asked something in this page, by job. */
    readonly open: ReadonlyMap<string, readonly Question[]>;
  },
): ToolAnswer {
  return firstThatFits(SUMMARY_CHARS, (chars) => {
    const asks = (entry: Notification) =>
      (places.open.get(entry.job_id) ?? []).filter(({ question_id }) => entry.asked?.includes(question_id));
    return {
      structured: {
        notifications: notifications.map((entry) => ({
          ...withShortSummary(entry, chars, places.fenced),
          ...(entry.asked === undefined
            ? {}
            : { questions: asks(entry).map((question) => questionView(question, chars, places)) }),
        })),
        cursor,
      },
      text: [
        `${notifications.length} notifications, cursor ${cursor}`,
        ...(notifications.length === 0 ? [whenEmpty] : notifications.map(notificationLine)),
        ...notifications.flatMap((entry) =>
          asks(entry).flatMap((question) => [
            questionText(entry.job_id, question, chars),
            howToAnswer(entry.job_id, places),
          ])
        ),
      ].join("\n"),
    };
  });
}

function withShortSummary(entry: Notification, chars: number, fenced?: Fenced): Notification {
  // Ids of questions may be an agent's words: those that are open stand in the answer.
  const { summary, asked: _asked, settled: _settled, ...others } = entry;
  if (summary === undefined || chars === 0) return others;
  return { ...others, summary: cutEnd(summary, chars, "cut", fenced) };
}

function notificationLine(entry: Notification): string {
  const { cursor, job_id, turn, status, reason, summary, asked, time } = entry;
  const why = reason === undefined || reason === status ? "" : ` (${reason})`;
  const said = summary === undefined ? "" : `, summary ${quoted(summary, 300)}`;
  if (asked !== undefined) return `${cursor}: job ${job_id}, turn ${turn}: asked something at ${time}`;
  return `${cursor}: job ${job_id}, turn ${turn}: ${status}${why} at ${time}${said}`;
}
