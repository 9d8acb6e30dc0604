/**
 * Room `cli`, the monitor: the actions that change its state, and the effects that it asks for.
 *
 * @module
 */
import type { Answer } from "../../domain/question/question.ts";
import type { Brief } from "../../domain/job/result.ts";
import type { ApplyAction } from "../../service/work_requests.ts";
import type { Key } from "./keys.ts";
import type { Detail, Link, MonitorState } from "./monitor_state.ts";
import type { Size } from "./transcript.ts";

export type Action =
  | { readonly type: "key"; readonly key: Key }
  | { readonly type: "resized"; readonly size: Size }
  /** A second has passed; `now` in epoch ms. */
  | { readonly type: "ticked"; readonly now: number }
  | { readonly type: "link"; readonly link: Link }
  | ({ readonly type: "jobs" } & JobsFound)
  | { readonly type: "details"; readonly details: readonly Detail[] }
  /** Reading of this job's transcript begins. */
  | { readonly type: "transcript_begun"; readonly jobId: string }
  | {
    readonly type: "transcript_grown";
    readonly jobId: string;
    readonly text: string;
    readonly isRead: boolean;
  }
  /** What a job changed, as text. */
  | { readonly type: "changes_found"; readonly jobId: string; readonly text: string }
  | { readonly type: "cancel_ended"; readonly jobId: string }
  | { readonly type: "told"; readonly text: string; readonly isError: boolean };

export interface JobsFound {
  readonly daemonVersion: string | null;
  readonly limit: number;
  readonly running: readonly Brief[];
  readonly pending: readonly Brief[];
  readonly pendingCount: number;
  readonly finished: readonly Brief[];
  readonly activeSince: ReadonlyMap<string, number>;
}

/** Something to be done outside of the state: by the service or the terminal. */
export type Effect =
  | { readonly type: "cancel"; readonly jobId: string }
  | { readonly type: "reply"; readonly jobId: string; readonly prompt: string }
  | {
    readonly type: "answer";
    readonly jobId: string;
    readonly questionId: string;
    readonly answer: Answer;
  }
  /** What the job changed is looked up. */
  | { readonly type: "diff"; readonly jobId: string }
  | { readonly type: "work"; readonly jobId: string; readonly action: ApplyAction }
  | { readonly type: "quit"; readonly isInterrupt: boolean }
  | { readonly type: "suspend" }
  /** The whole screen is drawn again. */
  | { readonly type: "redraw" };

export interface Reduced {
  readonly state: MonitorState;
  readonly effects: readonly Effect[];
}
