/**
 * Room `agents`: one turn's talk with Claude Code over `stream-json` in both directions. What it prints is read as in a
 * one-way turn; between those lines stand its requests, and the echoes of what was said to it.
 *
 * @module
 */
import type { EventBody } from "../../../domain/event/event_body.ts";
import { parsedJson } from "../../../domain/reading/parsed_json.ts";
import type { Terminal } from "../../../domain/turn/turn.ts";
import { asksNobody, type Talk, type TalkContext, type TalkInput } from "../../live_driver.ts";
import { jsonLines } from "../../reading/json_lines_reader.ts";
import type { Reading, Saying, TurnReader } from "../../turn_reader.ts";
import { guardedPrompt } from "../prompt.ts";
import { ClaudeReader } from "../reader.ts";
import type { Settlement } from "./asked.ts";
import { ControlLine, mayBeControl, messageLine } from "./lines.ts";
import { ClaudeMessages } from "./messages.ts";
import { ClaudeRequests } from "./requests.ts";

const NOTHING: Reading = { events: [] };

const INITIALIZE = "initialize";
const INTERRUPT = "interrupt";

/** Before the key of a steer, so that it is no other message's. */
const STEER = "steer ";

export class ClaudeTalk implements Talk {
  readonly #messages: ClaudeMessages;
  readonly #requests: ClaudeRequests;
  readonly #reader: ClaudeReader;
  /** Gives whole lines to {@link ClaudeTalk.#line}. */
  readonly #lines: TurnReader;
  /** Whether a last word was given, and no work has begun since. */
  #hasEnded = false;
  #wasInterrupted = false;
  /** Messages that were interrupted by themselves. */
  readonly #interrupted = new Set<string>();
  /** The word of a result that another one will follow. */
  #heldBack: Terminal | null = null;
  /** Whether this version tells what becomes of a message; `null` until that can be known. */
  #tellsOfMessages: boolean | null = null;
  /** Steers of which it was told that they are queued. */
  readonly #queued = new Set<string>();

  constructor(context: TalkContext) {
    this.#messages = new ClaudeMessages(context.newSessionId);
    this.#requests = new ClaudeRequests({ asksNobody: asksNobody(context.policy) });
    this.#reader = new ClaudeReader(context, { countsOnTheWay: true });
    this.#lines = jsonLines(
      { read: (line) => this.#line(line), finish: () => this.#end() },
      { holdsChanges: true },
    );
  }

  get isOver(): boolean {
    const isDone = this.#hasEnded || this.#wasInterrupted;
    return isDone && this.#messages.areAnswered && !this.#requests.areOpen;
  }

  read(line: string): Reading {
    return this.#lines.read(line);
  }

  pause(): readonly EventBody[] {
    return this.#lines.pause?.() ?? [];
  }

  finish(): Reading {
    return this.#lines.finish();
  }

  apply(input: TalkInput): Reading {
    switch (input.kind) {
      case "open":
        return saying(this.#requests.say(INITIALIZE, { subtype: "initialize", hooks: null }));
      case "prompt":
        // It was guarded when its file was written.
        return saying(this.#message("prompt", input.text));
      case "steer":
        return this.#steer(input.key, input.text);
      case "answer":
        return this.#settle(input.question_id, { answer: input.answer });
      case "refuse":
        return this.#settle(input.question_id, { why: input.why });
      case "interrupt":
        this.#wasInterrupted = true;
        return saying(this.#interruption(INTERRUPT));
      case "tick":
        return NOTHING;
    }
  }

  #line(line: string): Reading {
    const control = mayBeControl(line) ? ControlLine.safeParse(parsedJson(line)).data : undefined;
    return control === undefined ? this.#plain(line) : this.#control(control, line);
  }

  #control(control: ControlLine, line: string): Reading {
    switch (control.type) {
      case "control_request": {
        const { reading, refusedCall } = this.#requests.take(control.request_id, control.request, line);
        if (refusedCall !== undefined) this.#reader.refuse(refusedCall, { wasAsked: false });
        return reading;
      }
      case "control_cancel_request":
        return this.#requests.withdraw(control.request_id);
      case "control_response":
        return this.#requests.acknowledge(control.response.request_id);
      case "command_lifecycle":
        this.#tellsOfMessages = true;
        return this.#lifecycle(control.command_uuid, control.state);
      case "user":
        return this.#taken(control.uuid);
    }
  }

  #plain(line: string): Reading {
    const { results } = this.#reader;
    const reading = this.#reader.read(line);
    if (this.#tellsOfMessages === null && reading.events.some(({ type }) => type === "session")) {
      this.#tellsOfMessages = false;
    }
    if (this.#reader.results > results) return this.#result(reading);
    if (reading.resumes !== true) return reading;
    this.#hasEnded = false;
    const next = this.#messages.next();
    return next === null ? reading : { ...reading, ...this.#interruptedAgain(next) };
  }

  /** A result is the last word unless a message is still to be taken: that gets a result of its own. */
  #result(reading: Reading): Reading {
    const key = this.#messages.end();
    const { terminal, ...others } = reading;
    const isLast = !this.#messages.areAwaited;
    this.#hasEnded = isLast && terminal !== undefined;
    this.#heldBack = isLast ? null : terminal ?? null;
    return {
      ...others,
      ...(key === null ? {} : { heard: [key] }),
      ...(isLast && terminal !== undefined ? { terminal } : {}),
    };
  }

  #end(): Reading {
    const reading = this.#reader.finish();
    return this.#heldBack === null ? reading : { terminal: this.#heldBack, ...reading };
  }

  #settle(questionId: string, settlement: Settlement): Reading {
    const settled = this.#requests.settle(questionId, settlement);
    if (settled === null) return NOTHING;
    const { requestId, answer, rejectedCall, remark } = settled;
    if (rejectedCall !== undefined) this.#reader.refuse(rejectedCall, { wasAsked: true });
    return saying(answer, ...(remark === undefined ? [] : [this.#message(`remark ${requestId}`, remark)]));
  }

  #lifecycle(uuid: string, state: string): Reading {
    const key = this.#messages.keyOf(uuid);
    if (key === null || state === "started") return NOTHING;
    if (state === "queued") return this.#steered(key);
    this.#messages.drop(uuid);
    const fate = state === "cancelled" && key.startsWith(STEER)
      ? { steered: [{ key: key.slice(STEER.length), how: "refused" as const }] }
      : {};
    return { events: [], heard: [key], ...fate, ...this.#released() };
  }

  #taken(uuid: string): Reading {
    const key = this.#messages.keyOf(uuid);
    if (key === null) return NOTHING;
    this.#messages.take(uuid);
    const resumes = this.#hasEnded ? { resumes: true as const } : {};
    this.#hasEnded = false;
    this.#heldBack = null;
    return { ...this.#steered(key), heard: [key], ...resumes, ...this.#interruptedAgain(uuid) };
  }

  /** Older versions take up what was queued when they are interrupted: they are interrupted in that, too. */
  #interruptedAgain(uuid: string): { says?: Saying[] } {
    if (!this.#wasInterrupted || this.#interrupted.has(uuid)) return {};
    this.#interrupted.add(uuid);
    return { says: [this.#interruption(`${INTERRUPT} ${uuid}`)] };
  }

  /** The word that was held back for a message which will not be taken. */
  #released(): { terminal?: Terminal } {
    const terminal = this.#heldBack;
    if (terminal === null || !this.#messages.areAnswered) return {};
    this.#heldBack = null;
    this.#hasEnded = true;
    return { terminal };
  }

  #steer(key: string, text: string): Reading {
    const said = this.#message(`${STEER}${key}`, guardedPrompt(text));
    // A version that tells nothing takes a message all the same, at the next pause of its work.
    return { ...(this.#tellsOfMessages === false ? this.#steered(said.key) : NOTHING), says: [said] };
  }

  /** That a message is queued, where it is a steer; told once. */
  #steered(key: string): Reading {
    if (!key.startsWith(STEER) || this.#queued.has(key)) return NOTHING;
    this.#queued.add(key);
    return { events: [], steered: [{ key: key.slice(STEER.length), how: "queued" }] };
  }

  #message(key: string, text: string): Saying {
    return { key, line: messageLine(this.#messages.say(key), text), isAcknowledged: true };
  }

  /** What is queued is to go with it: it would be taken up after the interruption. */
  #interruption(key: string): Saying {
    return this.#requests.say(key, { subtype: "interrupt", cancel_queued: true });
  }
}

function saying(...says: Saying[]): Reading {
  return { events: [], says };
}
