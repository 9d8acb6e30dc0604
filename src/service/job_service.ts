/**
 * Room `service`: the one interface between doors (tools, command line) and the daemon. `LocalService` does the work
 * inside the daemon, `RemoteService` asks a daemon to; both pass one suite.
 *
 * @module
 */
import type { JobResult } from "../domain/result.ts";
import type {
  CancelReceipt,
  CancelRequest,
  EventsPage,
  EventsRequest,
  FeedPage,
  FeedRequest,
  ListRequest,
  ListResult,
  NotifyDoneRequest,
  PollRequest,
  PruneRequest,
  PruneResult,
  QueueRequest,
  QueueStatus,
  Receipt,
  ReplyRequest,
  StartRequest,
  StatsRequest,
  StatsResult,
  TranscriptPage,
  TranscriptRequest,
  WaitRequest,
  WaitResult,
} from "./requests.ts";

export interface CallOptions {
  /** Gives up this call, and nothing else: a job is never touched by it. */
  signal?: AbortSignal;
}

/**
 * Every method throws `AgentAsyncError` for a failure that is expected: `invalid_argument`, `not_found`, `conflict`
 * and so on; `cancelled` when its signal was aborted.
 */
export interface JobService {
  /** Answers when the job is durable. The same `request_key` gives the same job. */
  start(request: StartRequest, options?: CallOptions): Promise<Receipt>;
  /** Adds a turn in the same agent session; waits its turn while another is pending or running. */
  reply(request: ReplyRequest, options?: CallOptions): Promise<Receipt>;
  poll(request: PollRequest, options?: CallOptions): Promise<JobResult>;
  /** Running out of time is a normal answer. */
  wait(request: WaitRequest, options?: CallOptions): Promise<WaitResult>;
  events(request: EventsRequest, options?: CallOptions): Promise<EventsPage>;
  transcript(request: TranscriptRequest, options?: CallOptions): Promise<TranscriptPage>;
  /** Answers when nothing of the job is left running. */
  cancel(request: CancelRequest, options?: CallOptions): Promise<CancelReceipt>;
  list(request: ListRequest, options?: CallOptions): Promise<ListResult>;
  queue(request: QueueRequest, options?: CallOptions): Promise<QueueStatus>;
  feed(request: FeedRequest, options?: CallOptions): Promise<FeedPage>;
  /** Removes finished jobs; never a running or pending one, nor one that a pending job waits for. */
  prune(request: PruneRequest, options?: CallOptions): Promise<PruneResult>;
  /** What the jobs that ended in the last days add up to. */
  stats(request: StatsRequest, options?: CallOptions): Promise<StatsResult>;
  /** Records what an agent says of its own job and wakes those who wait for it. */
  notifyDone(request: NotifyDoneRequest, options?: CallOptions): Promise<JobResult>;
}
