/**
 * Room `cli`, the monitor: what each key does.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import { transcriptSize } from "./detail_pane.ts";
import type { Key, KeyName } from "./keys.ts";
import { edited, EMPTY_LINE, lineOf, textOf } from "./line_editor.ts";
import { askForAnswer, onAnswerKey } from "./on_answer_key.ts";
import { type MonitorState, selectedJob, shownInOrder, shownText } from "./monitor_state.ts";
import { askForWork, onWorkKey } from "./on_work_key.ts";
import type { Effect, Reduced } from "./action.ts";
import { beginning, scrolled } from "./transcript.ts";

export function onKey(state: MonitorState, key: Key): Reduced {
  if (isNamed(key, "ctrl_c")) return { state, effects: [{ type: "quit", isInterrupt: true }] };
  if (isNamed(key, "ctrl_z")) return { state, effects: [{ type: "suspend" }] };
  if (isNamed(key, "ctrl_l")) return { state, effects: [{ type: "redraw" }] };
  switch (state.mode.kind) {
    case "browse":
      return onBrowseKey({ ...state, notice: null }, key);
    case "help":
      return only({ ...state, mode: { kind: "browse" } });
    case "confirm_cancel":
      return onConfirmKey(state, state.mode.jobId, key);
    case "confirm_work":
      return onWorkKey(state, state.mode, key);
    case "filter":
      return onFilterKey(state, state.mode, key);
    case "reply":
      return onReplyKey(state, state.mode, key);
    case "answer":
      return onAnswerKey(state, state.mode, key);
  }
}

function onBrowseKey(state: MonitorState, key: Key): Reduced {
  const page = Math.max(1, transcriptSize(state).rows - 1);
  switch (key.kind === "text" ? key.text : key.kind === "named" ? key.name : "") {
    case "up":
    case "k":
      return only(state.isOpen ? scroll(state, -1) : moved(state, -1));
    case "down":
    case "j":
      return only(state.isOpen ? scroll(state, 1) : moved(state, 1));
    case "page_up":
    case "b":
      return only(scroll(state, -page));
    case "page_down":
    case "f":
      return only(scroll(state, page));
    case "home":
    case "g":
      return only(
        state.isOpen ? { ...state, anchor: top(state) } : moved(state, -Infinity),
      );
    case "end":
    case "G":
      return only(state.isOpen ? { ...state, anchor: null } : moved(state, Infinity));
    case "left":
      return only(moved(state, -1));
    case "right":
      return only(moved(state, 1));
    case "enter":
    case " ":
      return only(state.selected === null ? state : { ...state, isOpen: !state.isOpen });
    case "escape":
      if (state.changes !== null) return only(withoutChanges(state));
      if (state.isOpen) return only({ ...state, isOpen: false });
      return only({ ...state, filter: "", anchor: null });
    case "a":
      return only(askForAnswer(state));
    case "c":
      return only(askToCancel(state));
    case "d":
      return onChangesKey(state);
    case "A":
      return only(askForWork(state, "apply"));
    case "U":
      return only(askForWork(state, "undo"));
    case "D":
      return only(askForWork(state, "discard"));
    case "r":
      return only(askForReply(state));
    case "/":
      return only({
        ...state,
        isOpen: false,
        mode: { kind: "filter", line: lineOf(state.filter), before: state.filter },
      });
    case "?":
    case "h":
      return only({ ...state, mode: { kind: "help" } });
    case "q":
      return { state, effects: [{ type: "quit", isInterrupt: false }] };
    default:
      return only(state);
  }
}

function moved(state: MonitorState, by: number): MonitorState {
  const shown = shownInOrder(state);
  const at = shown.findIndex((job) => job.job_id === state.selected);
  const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
  if (next === undefined || next.job_id === state.selected) return state;
  // The transcript of the job before must not be shown for this one until its own has been read.
  return { ...state, selected: next.job_id, transcript: null, changes: null, anchor: null };
}

function scroll(state: MonitorState, by: number): MonitorState {
  const size = transcriptSize(state);
  const text = shownText(state);
  if (text === null || size.rows === 0) return state;
  return { ...state, anchor: scrolled(text, state.anchor, by, size) };
}

function top(state: MonitorState): MonitorState["anchor"] {
  const text = shownText(state);
  return text === null ? null : beginning(text, transcriptSize(state));
}

function askToCancel(state: MonitorState): MonitorState {
  const job = selectedJob(state);
  if (job === undefined || state.cancelling.has(job.job_id)) return state;
  if (isFinished(job.status)) return told(state, `Job ${job.job_id} has already ended.`);
  return { ...state, mode: { kind: "confirm_cancel", jobId: job.job_id } };
}

/** What the job changed in place of its transcript, and back. */
function onChangesKey(state: MonitorState): Reduced {
  const job = selectedJob(state);
  if (job === undefined) return only(state);
  if (state.changes !== null) return only(withoutChanges(state));
  if (!isFinished(job.status)) return only(told(state, `Job ${job.job_id} has not ended yet.`));
  return { state, effects: [{ type: "diff", jobId: job.job_id }] };
}

function withoutChanges(state: MonitorState): MonitorState {
  return { ...state, changes: null, anchor: null };
}

function askForReply(state: MonitorState): MonitorState {
  const job = selectedJob(state);
  if (job === undefined) return state;
  return { ...state, mode: { kind: "reply", jobId: job.job_id, line: EMPTY_LINE } };
}

function onConfirmKey(state: MonitorState, jobId: string, key: Key): Reduced {
  const back: MonitorState = { ...state, mode: { kind: "browse" } };
  if (key.kind === "text" && key.text.toLowerCase() === "y") {
    const cancelling = new Set([...state.cancelling, jobId]);
    return { state: { ...back, cancelling }, effects: [{ type: "cancel", jobId }] };
  }
  // Only `n` or escape closes the question: any other key is ignored.
  const isNo = isNamed(key, "escape") || (key.kind === "text" && key.text.toLowerCase() === "n");
  return only(isNo ? back : state);
}

type FilterMode = Extract<MonitorState["mode"], { kind: "filter" }>;

function onFilterKey(state: MonitorState, mode: FilterMode, key: Key): Reduced {
  if (isNamed(key, "enter")) return only({ ...state, mode: { kind: "browse" } });
  if (isNamed(key, "escape")) {
    return only({ ...state, filter: mode.before, mode: { kind: "browse" } });
  }
  if (isNamed(key, "up")) return only(moved(state, -1));
  if (isNamed(key, "down")) return only(moved(state, 1));
  const line = edited(mode.line, key);
  return only({ ...state, filter: textOf(line), mode: { ...mode, line } });
}

type ReplyMode = Extract<MonitorState["mode"], { kind: "reply" }>;

function onReplyKey(state: MonitorState, mode: ReplyMode, key: Key): Reduced {
  if (isNamed(key, "escape")) return only({ ...state, mode: { kind: "browse" } });
  if (!isNamed(key, "enter")) return only({ ...state, mode: { ...mode, line: edited(mode.line, key) } });
  const prompt = textOf(mode.line).trim();
  const effects: Effect[] = prompt === "" ? [] : [{ type: "reply", jobId: mode.jobId, prompt }];
  return { state: { ...state, mode: { kind: "browse" } }, effects };
}

/** A notice in place of an action that is not possible, shown until the next key. */
function told(state: MonitorState, text: string): MonitorState {
  return { ...state, notice: { text, isError: false, until: Infinity } };
}

function isNamed(key: Key, name: KeyName): boolean {
  return key.kind === "named" && key.name === name;
}

function only(state: MonitorState): Reduced {
  return { state, effects: [] };
}
