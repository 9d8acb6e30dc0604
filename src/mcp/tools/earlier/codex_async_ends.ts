/**
 * Room `mcp`: the tools `codex_async_notifications` and `codex_async_wait` of the toolset `stream`: the ends of jobs and
 * what they ask, as the feed has it, without waiting and with.
 *
 * @module
 */
import * as z from "zod";
import { type FeedPage, FeedRequest, WaitRequest } from "../../../service/read_requests.ts";
import { withinFeed } from "../../feed/feed_cursor.ts";
import { notificationsAnswer, NotificationsOutput } from "../../views/notifications_view.ts";
import { defineTool } from "../definition/define_tool.ts";
import { isAgentAsyncError } from "../../../domain/errors.ts";
import type { Question } from "../../../domain/question/question.ts";
import { READS_ONLY, type ToolAnswer, type ToolContext } from "../definition/tool.ts";
import { withProgress } from "../jobs/wait_progress.ts";

/** Updates before the present among which a call without a cursor looks for ends. */
const RECENT = 100;

export const codexAsyncNotifications = defineTool({
  name: "codex_async_notifications",
  title: "Read which jobs have ended",
  description:
    "The ends of jobs of all sessions (done, error, cancelled), and what they ask, after cursor, oldest first, as " +
    "long as the jobs are kept. Answers at once; going on with the returned cursor gives each exactly once, to any " +
    "number of readers. Without cursor: the recent ones. " +
    "To wait for an end use codex_async_wait; what an agent did is in codex_async_events.",
  input: z.object({ cursor: FeedRequest.shape.cursor.describe("from the last answer; 0 is the beginning") }),
  output: NotificationsOutput,
  annotations: READS_ONLY,
  async run({ cursor }, context) {
    const { service, signal } = context;
    const { cursor: head } = await service.feed({}, { signal });
    const from = cursor === undefined ? Math.max(0, head - RECENT) : Math.min(cursor, head);
    const page = await service.feed({ cursor: from, finished_only: true, with_questions: true }, { signal });
    return await answerOf(page, "No job has ended after cursor.", context);
  },
});

export const codexAsyncWait = defineTool({
  name: "codex_async_wait",
  title: "Wait for jobs to end",
  description:
    "Waits until a job of any session has ended or asked something after cursor and returns all ends and questions " +
    "that there are by then. " +
    "Without cursor: those of this session's time that this tool has not returned yet, so that none is missed and " +
    "none comes twice. Answers after timeout_seconds at the latest: none is normal, call again. " +
    "Cancelling the call cancels no job. Results are in codex_async_events; to look without waiting use " +
    "codex_async_notifications.",
  input: z.object({
    cursor: FeedRequest.shape.cursor.describe("from the last answer; 0 is the beginning"),
    timeout_seconds: WaitRequest.shape.timeout_seconds.describe("hosts drop calls after 60 to 120 s"),
  }),
  output: NotificationsOutput,
  annotations: READS_ONLY,
  async run({ cursor, timeout_seconds }, context) {
    const about = { jobIds: undefined, timeoutSeconds: timeout_seconds };
    // Who may not answer is not woken by questions.
    const withQuestions = await context.mayAnswer();
    const page = await withProgress(
      context,
      about,
      () =>
        cursor === undefined
          ? context.feed.nextEnds(timeout_seconds, { withQuestions, signal: context.waitSignal })
          : endsAfter(cursor, { seconds: timeout_seconds, withQuestions }, context),
    );
    return await answerOf(
      page,
      "No job ended in the time of this call: call codex_async_wait again.",
      context,
    );
  },
});

async function endsAfter(
  cursor: number,
  { seconds, withQuestions }: { seconds: number; withQuestions: boolean },
  context: ToolContext,
): Promise<FeedPage> {
  const { service, waitSignal: signal } = context;
  const from = await withinFeed(cursor, service, { signal });
  const request = { cursor: from, wait_seconds: seconds, finished_only: true, with_questions: withQuestions };
  return await service.feed(request, { signal });
}

async function answerOf(page: FeedPage, whenEmpty: string, context: ToolContext): Promise<ToolAnswer> {
  const { service, signal } = context;
  const asking = page.notifications.filter(({ asked }) => asked !== undefined).map(({ job_id }) => job_id);
  const open = new Map<string, readonly Question[]>();
  for (const job_id of new Set(asking)) {
    // A job that was pruned meanwhile asks nothing any more.
    const job = await service.poll({ job_id, tail_lines: 0 }, { signal }).catch((error) => {
      if (isAgentAsyncError(error, "not_found")) return null;
      throw error;
    });
    open.set(job_id, job?.questions ?? []);
  }
  return notificationsAnswer(page, whenEmpty, { ...context, open, isForPerson: !await context.mayAnswer() });
}
