/**
 * Room `domain`: sums up a turn's events. A job result takes what it says of a turn from here, so that a daemon that
 * reads the same events again gets the same result.
 *
 * @module
 */
import { isArgumentWord } from "../agent/argument_word.ts";
import type { ActionState, EventBody } from "../event/event_body.ts";
import { unknownWord } from "../reading/unknown_word.ts";
import { soundUsage, type Usage } from "./usage.ts";

/** Counts one turn's events; `count` them in order, read the rest at any time. */
export class Tally {
  /** The newest message that is not blank. */
  lastMessage: string | null = null;
  sessionId: string | null = null;
  model: string | null = null;
  /** Usage of this turn; `null` until the agent reports it. */
  usage: Usage | null = null;
  sessionUsage: Usage | null = null;
  /** The newest error event that is not transient. */
  lastError: string | null = null;
  /** What the agent is doing now, in words, so that people can tell a silent agent from a dead one. */
  activity = "starting";
  /** Whether the agent has said or done anything that a person could see. */
  hasShown = false;
  readonly files: Set<string> = new Set();
  #commands = new Set<string>();
  #failed = new Set<string>();
  #ended = new Set<string>();
  #otherActions = new Set<string>();

  get commandsRun(): number {
    return this.#commands.size;
  }

  /** Commands that failed by themselves, without those that were ended with the turn. */
  get commandsFailed(): number {
    return this.#failed.size;
  }

  /** Commands that still ran when the turn ended, and were ended with it. */
  get commandsEnded(): number {
    return this.#ended.size;
  }

  /** Whether the agent ran, called, searched or changed anything. Declined actions do not count. */
  get hasActed(): boolean {
    return this.#commands.size + this.#otherActions.size + this.files.size > 0;
  }

  count(event: EventBody): void {
    this.hasShown ||= shows(event);
    switch (event.type) {
      case "session":
        // A session whose id is no safe argument cannot be continued, so it is ignored.
        if (isSessionId(event.session_id)) this.sessionId = event.session_id;
        this.model = event.model ?? this.model;
        this.activity = "thinking";
        return;
      case "message":
        // A blank message after the answer must not replace it.
        if (event.text.trim() !== "") this.lastMessage = event.text;
        this.activity = "thinking";
        return;
      case "command":
        // A declined command did not run.
        keep(this.#commands, event.id, event.state !== "declined");
        keep(this.#ended, event.id, event.ended === true);
        keep(this.#failed, event.id, event.ended !== true && hasFailed(event));
        this.activity = event.state === "started" ? `running: ${firstLine(event.command)}` : "thinking";
        return;
      case "file_change":
        if (event.state === "completed") { for (const change of event.changes) this.files.add(change.path); }
        this.activity = event.state === "started" ? "editing files" : "thinking";
        return;
      case "tool_call":
        keep(this.#otherActions, `tool ${event.id}`, event.state !== "declined");
        this.activity = event.state === "started" ? `calling ${event.tool}` : "thinking";
        return;
      case "web_search":
        this.#otherActions.add(`search ${event.id}`);
        this.activity = "searching the web";
        return;
      case "error":
        if (!event.transient) this.lastError = event.message;
        this.activity = event.transient ? `retrying: ${firstLine(event.message)}` : "failing";
        return;
      case "usage":
        this.usage = soundUsage(event.usage);
        this.sessionUsage = event.session_usage === undefined
          ? this.sessionUsage
          : soundUsage(event.session_usage);
        return;
      case "reasoning":
      case "plan":
        this.activity = "thinking";
        return;
      case "question":
        this.activity = `asking: ${firstLine(event.title)}`;
        return;
      case "answer":
        this.activity = "thinking";
        return;
      case "check":
        this.activity = event.state === "started" ? "checking" : "thinking";
        return;
      case "warning":
      case "status":
      case "raw":
        return;
      default:
        unknownWord(event);
    }
  }
}

/** Adds or removes `id`: of several events of one action the newest counts. */
function keep(ids: Set<string>, id: string, isOne: boolean): void {
  if (isOne) ids.add(id);
  else ids.delete(id);
}

/** Some agents report a command as completed whatever its exit code: a code other than 0 counts as failed. */
function hasFailed(
  { state, exit_code = 0 }: { state: ActionState; exit_code?: number | undefined },
): boolean {
  return state === "failed" || (state === "completed" && exit_code !== 0);
}

function shows(event: EventBody): boolean {
  switch (event.type) {
    case "message":
    case "reasoning":
    case "raw":
      return event.text.trim() !== "";
    case "command":
    case "file_change":
    case "tool_call":
    case "web_search":
    case "plan":
    case "error":
    case "warning":
    case "question":
    case "answer":
    case "check":
      return true;
    case "session":
    case "usage":
    case "status":
      return false;
  }
}

/** Most characters of a session's id: it is kept in the job's record, and a word of a command line. */
const SESSION_ID_CHARS = 1_000;

function isSessionId(id: string): boolean {
  return isArgumentWord(id) && id.length <= SESSION_ID_CHARS;
}

const ACTIVITY_CHARS = 120;

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > ACTIVITY_CHARS ? `${line.slice(0, ACTIVITY_CHARS - 1)}…` : line;
}

/** The event as it can be kept: an agent may tell numbers that are none. */
export function soundEvent(event: EventBody): EventBody {
  if (event.type !== "usage") return event;
  const { usage, session_usage: session } = event;
  return {
    ...event,
    usage: soundUsage(usage),
    ...(session === undefined ? {} : { session_usage: soundUsage(session) }),
  };
}
