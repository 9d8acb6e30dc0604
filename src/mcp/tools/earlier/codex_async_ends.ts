/**
 * Room `mcp`: the tools `codex_async_notifications` and `codex_async_wait` of the toolset `stream`: the ends of jobs, as
 * the feed has them, without waiting and with.
 *
 * @module
 */
import * as z from "zod";
import { type FeedPage, FeedRequest, WaitRequest } from "../../../service/read_requests.ts";
import { withinFeed } from "../../feed/feed_cursor.ts";
import { notificationsAnswer, NotificationsOutput } from "../../views/notifications_view.ts";
import { defineTool } from "../definition/define_tool.ts";
import { READS_ONLY, type ToolContext } from "../definition/tool.ts";
import { withProgress } from "../jobs/wait_progress.ts";

/** Updates before the present among which a call without a cursor looks for ends. */
const RECENT = 100;

export const codexAsyncNotifications = defineTool({
  name: "codex_async_notifications",
  title: "Read which jobs have ended",
  description:
    "The ends of jobs of all sessions (done, error, cancelled) after cursor, oldest first, as long as " +
    "the jobs are kept. Answers at once; going on with the returned cursor gives every end exactly once, to any " +
    "number of readers. Without cursor: the recent ones. " +
    "To wait for an end use codex_async_wait; what an agent did is in codex_async_events.",
  input: z.object({ cursor: FeedRequest.shape.cursor.describe("from the last answer; 0 is the beginning") }),
  output: NotificationsOutput,
  annotations: READS_ONLY,
  async run({ cursor }, { service, signal, fenced }) {
    const { cursor: head } = await service.feed({}, { signal });
    const from = cursor === undefined ? Math.max(0, head - RECENT) : Math.min(cursor, head);
    return notificationsAnswer(
      await service.feed({ cursor: from, finished_only: true }, { signal }),
      "No job has ended after cursor.",
      { fenced },
    );
  },
});

export const codexAsyncWait = defineTool({
  name: "codex_async_wait",
  title: "Wait for jobs to end",
  description:
    "Waits until a job of any session has ended after cursor and returns all ends that there are by then. " +
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
    const page = await withProgress(
      context,
      about,
      () =>
        cursor === undefined
          ? context.feed.nextEnds(timeout_seconds, { signal: context.waitSignal })
          : endsAfter(cursor, timeout_seconds, context),
    );
    return notificationsAnswer(
      page,
      "No job ended in the time of this call: call codex_async_wait again.",
      context,
    );
  },
});

async function endsAfter(cursor: number, seconds: number, context: ToolContext): Promise<FeedPage> {
  const { service, waitSignal: signal } = context;
  const from = await withinFeed(cursor, service, { signal });
  return await service.feed({ cursor: from, wait_seconds: seconds, finished_only: true }, { signal });
}
