/**
 * Room `cli`, the monitor: the next state after an action, and the effects that it asks for. Pure.
 *
 * @module
 */
import type { Action, JobsFound, Reduced } from "./action.ts";
import { transcriptSize } from "./detail_pane.ts";
import { layoutOf } from "./layout.ts";
import type { MonitorState } from "./monitor_state.ts";
import { shownInOrder } from "./monitor_state.ts";
import { onKey } from "./on_key.ts";
import { beginning, emptyTranscript, grown } from "./transcript.ts";

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
    case "changes_found": {
      if (state.selected !== action.jobId) return state;
      const changes = grown(emptyTranscript(action.jobId), action.text, true);
      const next = { ...state, changes, isOpen: state.isOpen || !("detail" in layoutOf(state)) };
      return { ...next, anchor: beginning(changes, transcriptSize(next)) };
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

/** The details of the jobs that are still listed. */
function detailsOf(state: MonitorState, found: JobsFound): MonitorState["details"] {
  const ids = new Set([...found.running, ...found.pending, ...found.finished].map((job) => job.job_id));
  return new Map([...state.details].filter(([id]) => ids.has(id)));
}

/** The selected job stays selected wherever it moves in the list. When it is gone, its neighbour is selected. */
function selectionKept(state: MonitorState, before: MonitorState): MonitorState {
  const shown = shownInOrder(state);
  if (shown.some((job) => job.job_id === state.selected)) return state;
  const place = shownInOrder(before).findIndex((job) => job.job_id === before.selected);
  const next = shown[Math.min(Math.max(0, place), shown.length - 1)];
  return {
    ...state,
    selected: next?.job_id ?? null,
    isOpen: false,
    transcript: null,
    changes: null,
    anchor: null,
  };
}
