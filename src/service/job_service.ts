/**
 * Room `service`: the one interface between doors (tools, command line) and the daemon. `LocalService` does the work
 * inside the daemon, `RemoteService` asks a daemon to; both pass one suite.
 *
 * @module
 */
import type { JobResult } from "../domain/job/result.ts";
import type * as ask from "./requests.ts";

/** Whose call it is, as the daemon knows it: by this a job is told from those outside. */
export interface Caller {
  /** `null` where nobody knows. */
  readonly pid: number | null;
  /** What the caller's own environment says: a hint, which some agents take away. */
  readonly claimedJob: string | null;
}

export interface CallOptions {
  /** Added by the daemon; what comes over the wire has none. */
  caller?: Caller;
  /** Gives up this call, and nothing else: a job is never touched by it. */
  signal?: AbortSignal;
}

/**
 * Every method throws `AgentAsyncError` for a failure that is expected: `invalid_argument`, `not_found`, `conflict`
 * and so on; `cancelled` when its signal was aborted.
 */
export interface JobService {
  /** Answers when the job is durable. The same `request_key` gives the same job. */
  start(request: ask.StartRequest, options?: CallOptions): Promise<ask.Receipt>;
  /** Adds a turn in the same agent session; waits its turn while another is pending or running. */
  reply(request: ask.ReplyRequest, options?: CallOptions): Promise<ask.Receipt>;
  poll(request: ask.PollRequest, options?: CallOptions): Promise<JobResult>;
  /** Running out of time is a normal answer. */
  wait(request: ask.WaitRequest, options?: CallOptions): Promise<ask.WaitResult>;
  events(request: ask.EventsRequest, options?: CallOptions): Promise<ask.EventsPage>;
  transcript(request: ask.TranscriptRequest, options?: CallOptions): Promise<ask.TranscriptPage>;
  /** Answers when nothing of the job is left running. */
  cancel(request: ask.CancelRequest, options?: CallOptions): Promise<ask.CancelReceipt>;
  list(request: ask.ListRequest, options?: CallOptions): Promise<ask.ListResult>;
  queue(request: ask.QueueRequest, options?: CallOptions): Promise<ask.QueueStatus>;
  feed(request: ask.FeedRequest, options?: CallOptions): Promise<ask.FeedPage>;
  /** Removes finished jobs; never a running or pending one, nor one that a pending job waits for. */
  prune(request: ask.PruneRequest, options?: CallOptions): Promise<ask.PruneResult>;
  /** What the jobs that ended in the last days add up to. */
  stats(request: ask.StatsRequest, options?: CallOptions): Promise<ask.StatsResult>;
  /** Records what an agent says of its own job and wakes those who wait for it. */
  notifyDone(request: ask.NotifyDoneRequest, options?: CallOptions): Promise<JobResult>;
}
