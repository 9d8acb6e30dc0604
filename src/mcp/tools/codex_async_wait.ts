/**
 * Room `mcp`: the tool `codex_async_wait` of the toolset `stream`: waits for ends in the feed.
 *
 * @module
 */
import * as z from "zod";
import { type FeedPage, FeedRequest, WaitRequest } from "../../service/requests.ts";
import { defineTool } from "./define_tool.ts";
import { withinFeed } from "../feed/feed_cursor.ts";
import { notificationsAnswer, NotificationsOutput } from "../views/notifications_view.ts";
import { READS_ONLY, type ToolContext } from "./tool.ts";
import { withProgress } from "./wait_progress.ts";

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
