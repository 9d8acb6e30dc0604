/**
 * Room `service`: what can be asked of the daemon itself, next to the jobs. `RemoteService` asks, the daemon answers.
 *
 * @module
 */
import * as z from "zod";
import type { CallOptions } from "./call.ts";

export const DaemonStatus = z.object({
  version: z.string(),
  protocol: z.number().int(),
  pid: z.number().int(),
  /** The state directory that it owns. */
  home: z.string(),
  /** ISO 8601 UTC. */
  started_at: z.string(),
  uptime_seconds: z.number(),
  /** Retained jobs by status. */
  jobs: z.object({
    pending: z.number().int(),
    running: z.number().int(),
    done: z.number().int(),
    error: z.number().int(),
    cancelled: z.number().int(),
  }),
  /** Open connections, the asking one included. */
  clients: z.number().int(),
  memory: z.object({ rss_bytes: z.number().int(), heap_used_bytes: z.number().int() }),
  /** Why the daemon cannot use git, with what to do; `null` when it can. */
  git_fault: z.object({ message: z.string(), hint: z.string().optional() }).nullable().optional(),
});
export type DaemonStatus = z.infer<typeof DaemonStatus>;

export const HandoverRequest = z.object({
  /** Version of the daemon that is to follow; it must be newer. */
  version: z.string(),
});
export type HandoverRequest = z.infer<typeof HandoverRequest>;

export interface DaemonControl {
  ping(options?: CallOptions): Promise<void>;
  status(options?: CallOptions): Promise<DaemonStatus>;
  /** The daemon answers what is in flight and leaves; running jobs go on without it. */
  stop(options?: CallOptions): Promise<void>;
  /**
   * As {@link DaemonControl.stop}, in favour of a newer version: older front-ends leave it a moment to start.
   * @throws {AgentAsyncError} `conflict` when the daemon is not older.
   */
  handover(request: HandoverRequest, options?: CallOptions): Promise<void>;
}
