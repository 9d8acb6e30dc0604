/**
 * Room `cli`, the monitor: how its state changes, and what it wants done. Pure.
 *
 * @module
 */
import type { Brief } from "../../domain/result.ts";
import type { Key } from "./keys.ts";
import type { Detail, Link, MonitorState } from "./monitor_state.ts";
import { shownInOrder } from "./monitor_state.ts";
import { onKey } from "./on_key.ts";
import { emptyTranscript, grown, type Size } from "./transcript.ts";

export type Action =
  | { readonly type: "key"; readonly key: Key }
  | { readonly type: "resized"; readonly size: Size }
  /** A second has passed. */
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

/** What is to be done outside. */
export type Effect =
  | { readonly type: "cancel"; readonly jobId: string }
  | { readonly type: "reply"; readonly jobId: string; readonly prompt: string }
  | { readonly type: "quit"; readonly isInterrupt: boolean }
  | { readonly type: "suspend" }
  /** Everything is drawn anew. */
  | { readonly type: "redraw" };

export interface Reduced {
  readonly state: MonitorState;
  readonly effects: readonly Effect[];
}

/** Ms that a notice stays. */
const NOTICE_MS = 6_000;

export function reduce(state: MonitorState, action: Action): Reduced {
  if (action.type === "key") {
    const reduced = onKey(state, action.key);
    return { ...reduced, state: selectionKept(reduced.state, state) };
  }
  return { state: changed(state, action), effects: [] };
}

function changed(state: MonitorState, action: Exclude<Action, { type: "key" }>): MonitorState {
  switch (action.type) {
    case "resized":
      return { ...state, size: action.size };
    case "ticked": {
      const isOver = state.notice !== null && state.notice.until <= action.now;
      return { ...state, now: action.now, notice: isOver ? null : state.notice };
    }
    case "link":
      return { ...state, link: action.link };
    case "jobs": {
      const { type: _, ...found } = action;
      const next = { ...state, ...found, details: detailsOf(state, found) };
      return selectionKept(next, state);
    }
    case "details": {
      const details = new Map(state.details);
      for (const detail of action.details) details.set(detail.job_id, detail);
      return { ...state, details };
    }
    case "transcript_begun":
      return { ...state, transcript: emptyTranscript(action.jobId), anchor: null };
    case "transcript_grown": {
      if (state.transcript?.jobId !== action.jobId) return state;
      return { ...state, transcript: grown(state.transcript, action.text, action.isRead) };
    }
    case "cancel_ended": {
      const cancelling = new Set(state.cancelling);
      cancelling.delete(action.jobId);
      return { ...state, cancelling };
    }
    case "told":
      return {
        ...state,
        notice: { text: action.text, isError: action.isError, until: state.now + NOTICE_MS },
      };
  }
}

/** Those of jobs that are still there. */
function detailsOf(state: MonitorState, found: JobsFound): MonitorState["details"] {
  const ids = new Set([...found.running, ...found.pending, ...found.finished].map((job) => job.job_id));
  return new Map([...state.details].filter(([id]) => ids.has(id)));
}

/** The same job stays selected wherever it moves to; when it is gone, its neighbour is. */
function selectionKept(state: MonitorState, before: MonitorState): MonitorState {
  const shown = shownInOrder(state);
  if (shown.some((job) => job.job_id === state.selected)) return state;
  const place = shownInOrder(before).findIndex((job) => job.job_id === before.selected);
  const next = shown[Math.min(Math.max(0, place), shown.length - 1)];
  return { ...state, selected: next?.job_id ?? null, isOpen: false, transcript: null, anchor: null };
}
