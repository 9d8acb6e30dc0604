/**
 * Room `mcp`: the tool `codex_async_notifications` of the toolset `stream`: the feed, read at once.
 *
 * @module
 */
import * as z from "zod";
import { FeedRequest } from "../../service/requests.ts";
import { defineTool } from "../define_tool.ts";
import { notificationsAnswer, NotificationsOutput } from "../notifications_view.ts";
import { READS_ONLY } from "../tool.ts";

/** Updates before the present that a call without a cursor begins with. */
const RECENT = 100;

export const codexAsyncNotifications = defineTool({
  name: "codex_async_notifications",
  title: "Read job updates",
  description:
    "Every change of state of every job (pending, running, done, error, cancelled) after cursor, oldest " +
    "first, as long as the jobs are kept. Answers at once; going on with the returned cursor gives every update " +
    `exactly once, to any number of readers. Without cursor: the last ${RECENT}. ` +
    "To wait for an end use codex_async_wait; what an agent did is in codex_async_events.",
  input: z.object({ cursor: FeedRequest.shape.cursor.describe("from the last answer; 0 is the beginning") }),
  output: NotificationsOutput,
  annotations: READS_ONLY,
  async run({ cursor }, { service, signal }) {
    const from = cursor ?? Math.max(0, (await service.feed({}, { signal })).cursor - RECENT);
    return notificationsAnswer(
      await service.feed({ cursor: from }, { signal }),
      "Nothing has changed after cursor.",
    );
  },
});
