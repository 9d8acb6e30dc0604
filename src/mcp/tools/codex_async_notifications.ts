/**
 * Room `mcp`: `codex_async_notifications`: the feed's ends.
 *
 * @module
 */
import * as z from "zod";
import { FeedRequest } from "../../service/requests.ts";
import { defineTool } from "./define_tool.ts";
import { notificationsAnswer, NotificationsOutput } from "../views/notifications_view.ts";
import { READS_ONLY } from "./tool.ts";

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
