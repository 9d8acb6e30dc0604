/**
 * Room `daemon`: asking an older daemon to make room.
 *
 * @module
 */
import type { Connection } from "../../service/remote/connection.ts";
import { Deadline } from "../../system/deadline.ts";

/** Ms for an older daemon to be gone: it answers what is in flight first. */
const LEAVE_MS = 30_000;

/**
 * Resolves with `true` when the daemon has gone. A daemon that has been asked by somebody else already is waited for
 * as well; the connection is closed in any case.
 */
export async function requestHandover(connection: Connection, version: string): Promise<boolean> {
  using deadline = new Deadline(LEAVE_MS, () => connection.close());
  try {
    connection.send({ id: 1, method: "handover", params: { version } });
    for await (const frame of connection.frames()) {
      if ("error" in frame) return false;
    }
    return !deadline.isOver;
  } catch {
    return !deadline.isOver;
  } finally {
    connection.close();
  }
}
