/**
 * Room `cli`, the monitor: everything that it knows and shows, as one value. Rule of this file and of `reduce.ts` and
 * `render_*.ts`: no clock, no terminal, no service; what comes from there is an action.
 *
 * @module
 */
import { jobLine } from "../../domain/job/job_line.ts";
import type { Brief, JobResult } from "../../domain/job/result.ts";
import type { ApplyAction } from "../../service/work_requests.ts";
import type { Line } from "./line_editor.ts";
import type { Anchor, Size, Transcript } from "./transcript.ts";

/** A job result without its texts, which are in the transcript. */
export type Detail = Omit<JobResult, "output" | "result">;

export function detailOf(result: JobResult): Detail {
  const { output: _output, result: _result, ...detail } = result;
  return detail;
}

export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "up" }
  /** The daemon cannot be reached; it is tried again until it can. */
  | { readonly kind: "down"; readonly why: string };

export type Mode =
  | { readonly kind: "browse" }
  | { readonly kind: "filter"; readonly line: Line; readonly before: string }
  | { readonly kind: "reply"; readonly jobId: string; readonly line: Line }
  | {
    readonly kind: "answer";
    readonly jobId: string;
    readonly questionId: string;
    readonly line: Line;
    /** The row of the question at the top of the pane. */
    readonly top: number;
    /** The lowest such row so far. */
    readonly seen: number;
  }
  | { readonly kind: "confirm_cancel"; readonly jobId: string }
  | { readonly kind: "confirm_work"; readonly jobId: string; readonly action: ApplyAction }
  | { readonly kind: "help" };

export interface Notice {
  readonly text: string;
  readonly isError: boolean;
  /** Epoch ms. */
  readonly until: number;
}

export interface MonitorState {
  readonly size: Size;
  /** Epoch ms. */
  readonly now: number;
  /** Version of this program. */
  readonly version: string;
  /** HOME, which is written as `~`. */
  readonly home: string | undefined;
  readonly link: Link;
  readonly daemonVersion: string | null;
  /** Jobs that may run at once. */
  readonly limit: number | null;
  readonly running: readonly Brief[];
  readonly pending: readonly Brief[];
  /** Number of all waiting jobs; `pending` may hold only some of them. */
  readonly pendingCount: number;
  /** Ended jobs, the latest end first. */
  readonly finished: readonly Brief[];
  /** Epoch ms since when the present turn of a job has been waiting or running, where that is not since the job is. */
  readonly activeSince: ReadonlyMap<string, number>;
  readonly details: ReadonlyMap<string, Detail>;
  /** Ids of the jobs whose cancellation has been asked for and not answered. */
  readonly cancelling: ReadonlySet<string>;
  readonly filter: string;
  readonly selected: string | null;
  /** Whether the selected job has the whole screen. */
  readonly isOpen: boolean;
  readonly mode: Mode;
  readonly transcript: Transcript | null;
  /** What the selected job changed, while that is shown in place of its transcript. */
  readonly changes: Transcript | null;
  /** Top of the window on either; `null` follows the end. */
  readonly anchor: Anchor | null;
  readonly notice: Notice | null;
}

export interface InitialState {
  readonly size: Size;
  readonly now: number;
  readonly version: string;
  readonly home: string | undefined;
}

export function initialState(given: InitialState): MonitorState {
  return {
    ...given,
    link: { kind: "connecting" },
    daemonVersion: null,
    limit: null,
    running: [],
    pending: [],
    pendingCount: 0,
    finished: [],
    activeSince: new Map(),
    details: new Map(),
    cancelling: new Set(),
    filter: "",
    selected: null,
    isOpen: false,
    mode: { kind: "browse" },
    transcript: null,
    changes: null,
    anchor: null,
    notice: null,
  };
}

/** The jobs that pass the filter, in the order in which they are shown. */
export function shownJobs(state: MonitorState): Pick<MonitorState, "running" | "pending" | "finished"> {
  const words = state.filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const passes = (job: Brief) => {
    const text = [job.job_id, job.agent, job.status, job.reason ?? "", job.cwd, jobLine(job), job.prompt]
      .join("\n")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  };
  if (words.length === 0) return state;
  return {
    running: state.running.filter(passes),
    pending: state.pending.filter(passes),
    finished: state.finished.filter(passes),
  };
}

export function shownInOrder(state: MonitorState): readonly Brief[] {
  const { running, pending, finished } = shownJobs(state);
  return [...running, ...pending, ...finished];
}

export function selectedJob(state: MonitorState): Brief | undefined {
  return [...state.running, ...state.pending, ...state.finished].find((job) => job.job_id === state.selected);
}

/** What the pane of the selected job shows below its head. */
export function shownText({ changes, transcript }: MonitorState): Transcript | null {
  return changes ?? transcript;
}
