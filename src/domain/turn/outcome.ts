/**
 * Room `domain`: decides the verdict of a turn. Rule of this file: a turn is `done` only on evidence. That is the
 * agent's own word of success (its terminal event, else its report through `agent_notify_done`) and an exit record of
 * 0, unless agent-async ended the process for staying after its work. The mere end of a process is no success.
 *
 * @module
 */
import type { EventBody } from "../event/event_body.ts";
import type { StopCause } from "../job/reason.ts";
import type { Failure, ProcessEnd, Stop, Terminal, Verdict } from "./turn.ts";

export interface Evidence {
  end: ProcessEnd;
  /** The agent's last word and its offset in the output in bytes; `null` when there was none. */
  terminal: { word: Terminal; offset: number } | null;
  stop: Stop | null;
  /** Whether the channel to a two-way agent ended by itself: then nothing counts that the agent says of its success. */
  isCut?: boolean;
  /** Whether agent-async ended the process because it stayed after its last word or its report. */
  endedAfterGrace: boolean;
  /** Whether the work was reported as done through `agent_notify_done`. */
  wasReported?: boolean;
  /** The failure that the driver recognises from the exit code and stderr; `null` for none. */
  diagnosis: Failure | null;
  /** The end of stderr, for the error text. */
  stderrTail: string;
}

/** The first cause wins: a stop that came before the agent's last word, else that word, else the exit record. */
export function judge(evidence: Evidence): Verdict {
  const { end, terminal, stop, diagnosis } = evidence;
  if (stop !== null && (terminal === null || terminal.offset >= stop.read_bytes)) return stopped(stop);
  if (evidence.isCut === true && !evidence.endedAfterGrace) return cut();
  if (terminal?.word.ok === false) return failed(terminal.word.failure);
  if (terminal?.word.ok === true) {
    if (evidence.endedAfterGrace || (end.kind === "exited" && end.code === 0)) {
      return { status: "done", reason: "completed" };
    }
    if (stop !== null) return stopped(stop);
    // An agent that prints only text can report a failure only by its exit code and stderr.
    if (diagnosis !== null) return failed(diagnosis);
    return end.kind === "vanished" ? lost() : failedExit(
      end.code,
      evidence.stderrTail,
      terminal.word.isImplied ? "" : " after it had reported success",
    );
  }
  // Without a last word a report counts in its place.
  const wasReported = evidence.wasReported === true;
  if (wasReported && evidence.endedAfterGrace) return { status: "done", reason: "completed" };
  if (diagnosis !== null) return failed(diagnosis);
  if (end.kind === "vanished") return lost();
  if (end.code === 0 && wasReported) return { status: "done", reason: "completed" };
  if (end.code === 0) {
    return failed({
      reason: "no_result",
      message: "The agent ended with exit code 0 but never reported a result",
      hint: "Read the job's output; a reply continues the session if the agent had begun one.",
      retry_at: null,
    });
  }
  return failedExit(end.code, evidence.stderrTail, " without reporting a result");
}

export interface TurnEnd {
  verdict: Verdict;
  /** Pids of the turn's processes that could not be ended. */
  survivors: readonly number[];
  /** What the agent was not allowed to do, each in words. */
  refusals?: readonly string[];
  /** Whether the turn was ended for the next prompt. */
  isSuperseded?: boolean;
  /** The last error in the turn's events; `null` for none. It is not repeated. */
  told: string | null;
}

/** Most refusals that are listed one by one; the others are only counted. */
const REFUSALS_TOLD = 5;

/** The events that say how a turn ended. */
export function endEvents(
  turn: number,
  { verdict, survivors, refusals = [], isSuperseded = false, told }: TurnEnd,
): EventBody[] {
  const status: EventBody = isSuperseded && verdict.status === "cancelled"
    ? { type: "status", state: "interrupted", message: `turn ${turn} interrupted for what comes next` }
    : { type: "status", state: verdict.status, message: endText(turn, verdict, told) };
  return [
    ...refusalTexts(refusals).map(warning),
    status,
    ...(survivors.length === 0 ? [] : [warning(survivorsText(survivors))]),
  ];
}

function refusalTexts(refusals: readonly string[]): string[] {
  const told = refusals.slice(0, REFUSALS_TOLD).map((text) => `Not allowed: ${text}`);
  const more = refusals.length - told.length;
  return more === 0 ? told : [...told, `Not allowed: ${more} more`];
}

function warning(message: string): EventBody {
  return { type: "warning", message };
}

function endText(turn: number, verdict: Verdict, told: string | null): string {
  if (verdict.status !== "error") return `turn ${turn} ${verdict.status}`;
  const how = `turn ${turn} failed (${verdict.reason})`;
  return told !== null && verdict.error === boundedError(told) ? how : `${how}: ${verdict.error}`;
}

/** A sentence about processes that could not be ended. @param pids 0 or less for a process with an unknown pid */
export function survivorsText(pids: readonly number[]): string {
  const known = pids.filter((pid) => pid > 0);
  const which = known.length === 0 ? "" : ` (pid ${known.join(", ")})`;
  const count = pids.length === 1 ? "1 process" : `${pids.length} processes`;
  return `${count} could not be ended${which}: another user's by now, or hanging in the system`;
}

function stopped({ cause, used_up }: Stop): Verdict {
  if (isWithoutError(cause)) return { status: "cancelled", reason: "cancelled" };
  return failed({ reason: cause, ...used_up ?? stopText(cause), retry_at: null });
}

/** Causes of a stop that is no failure: somebody wanted it. */
type Wanted = "cancelled" | "superseded";

function isWithoutError(cause: StopCause): cause is Wanted {
  return cause === "cancelled" || cause === "superseded";
}

type StopText = { message: string; hint: string | null };

/** Another version may have stopped the turn for a cause that this one does not know. */
function stopText(cause: Exclude<StopCause, Wanted>): StopText {
  return Object.hasOwn(STOP_TEXTS, cause)
    ? STOP_TEXTS[cause]
    : { message: `The turn was ended by another version of agent-async: ${cause}`, hint: null };
}

const STOP_TEXTS: Record<Exclude<StopCause, Wanted>, StopText> = {
  timed_out: {
    message: "The turn ran longer than its time limit and was ended",
    hint: "Continue it with job_reply, or start again with a larger timeout_seconds.",
  },
  stalled: {
    message: "The agent was silent for longer than the configured stall limit and was ended",
    hint: "Continue it with job_reply, or raise timeouts.stall_seconds.",
  },
  budget_exceeded: {
    message: "The budget of the job, or of one around it, was used up, and the turn was ended",
    hint: "Continue it with job_reply and a larger max_cost_usd or max_tokens: the session goes on.",
  },
  output_limit: {
    message: "The agent printed more than the output limit and was ended",
    hint: "Raise limits.output_bytes if that much output is expected.",
  },
};

function cut(): Verdict {
  return failed({
    reason: "lost",
    message: "The channel to the agent was cut, so what it said after that does not count",
    hint:
      "Something has ended the process that hands on what the agent is told; a reply continues the session.",
    retry_at: null,
  });
}

function lost(): Verdict {
  return failed({
    reason: "lost",
    message: "The agent's process vanished and left no exit record",
    hint:
      "The machine restarted, or something killed the whole process group; a reply continues the session.",
    retry_at: null,
  });
}

/** The highest signal number on Linux, SIGRTMAX. */
const LAST_SIGNAL = 64;

function failedExit(code: number, stderrTail: string, when: string): Verdict {
  // Some agents exit with an HTTP status, which can give a code beyond the range of signals.
  const isKilled = code > 128 && code <= 128 + LAST_SIGNAL;
  const how = isKilled
    ? `was ended by signal ${code - 128} (exit code ${code})`
    : `ended with exit code ${code}`;
  const said = stderrTail.trim();
  return failed({
    reason: "exit_code",
    message: `The agent ${how}${when}${said === "" ? "" : `: ${said}`}`,
    hint: isKilled
      ? "Something other than agent-async ended it, perhaps the system for want of memory; a reply continues the session."
      : null,
    retry_at: null,
  });
}

/** Most characters of an error in a job's record; the whole of it is in the job's events. */
const ERROR_CHARS = 5_000;

function boundedError(message: string): string {
  if (message.length <= ERROR_CHARS) return message;
  // Half of a surrogate pair is no text.
  return `${message.slice(0, ERROR_CHARS).replace(/[\ud800-\udbff]$/, "")}…`;
}

function failed(failure: Failure): Verdict {
  return {
    status: "error",
    reason: failure.reason,
    error: boundedError(failure.message),
    hint: failure.hint,
    retry_at: failure.retry_at,
  };
}
