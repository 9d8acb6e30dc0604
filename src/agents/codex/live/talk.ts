/**
 * Room `agents`: the talk with `codex app-server`, one thread and one turn of it. A fold: what it knows comes from the
 * lines and inputs that it was given, and its keys from them.
 *
 * @module
 */
import type { EventBody } from "../../../domain/event/event_body.ts";
import { asksNobody, type Talk, type TalkContext, type TalkInput } from "../../live_driver.ts";
import { WholeActions } from "../../reading/whole_actions.ts";
import type { Reading, Saying } from "../../turn_reader.ts";
import { interruptedTurn } from "./ends.ts";
import { type Incoming, incoming, request } from "./messages.ts";
import { INITIALIZE, opening, textInput, THREAD, TURN, turnStart } from "./opening.ts";
import { OpenRequests } from "./open_requests.ts";
import { ThreadReader } from "./thread_reader.ts";

/** Kinds of requests, before the colon of their keys, whose answers tell nothing more. */
const WITHOUT_RESULT: ReadonlySet<string> = new Set(["remark", "interrupt", "clean"]);

export class CodexTalk implements Talk {
  readonly #context: TalkContext;
  readonly #reader: ThreadReader;
  /** Around all lines, so that each action has a beginning and an end. */
  readonly #lines: WholeActions;
  readonly #requests: OpenRequests;
  /** The prompt as long as it is not said. */
  #prompt: string | null = null;
  /** Whether Codex was asked for the turn. */
  #isAsked = false;
  #isInterrupted = false;
  /** The turn that Codex was told to interrupt. */
  #interruptedTurn: string | null = null;
  /** Steers that came before the turn had an id. */
  #steers: { key: string; text: string }[] = [];

  constructor(context: TalkContext) {
    this.#context = context;
    this.#reader = new ThreadReader(context);
    this.#requests = new OpenRequests({
      site: { cwd: context.cwd, items: this.#reader.items },
      asksNobody: asksNobody(context.policy),
    });
    this.#lines = new WholeActions({ read: (line) => this.#read(line), finish: () => this.#reader.finish() });
  }

  get isOver(): boolean {
    return this.#reader.hasEnded;
  }

  read(line: string): Reading {
    return this.#lines.read(line);
  }

  finish(): Reading {
    return this.#lines.finish();
  }

  apply(input: TalkInput): Reading {
    switch (input.kind) {
      case "open":
        return said(opening(this.#context));
      case "prompt":
        this.#prompt = input.text;
        return said(this.#begin());
      case "answer":
        return this.#settled(this.#requests.settle(input.question_id, input.answer));
      case "refuse":
        return this.#settled(this.#requests.settle(input.question_id, "refused"));
      case "steer":
        return this.#steer(input);
      case "interrupt":
        return this.#interrupt();
      case "tick":
        return { events: [] };
    }
  }

  #read(line: string): Reading {
    if (line.trim() === "") return { events: [] };
    const message = incoming(line);
    if (message === null) return { events: [{ type: "raw", text: line }] };
    switch (message.kind) {
      case "ok":
      case "failed":
        return this.#answered(message, line);
      case "request":
        return this.#settled(this.#requests.asked(message));
      case "notification":
        return message.method === "serverRequest/resolved"
          ? this.#requests.resolved(message.params)
          : this.#noticed(message, line);
    }
  }

  #noticed({ method, params }: Extract<Incoming, { kind: "notification" }>, line: string): Reading {
    const reading = this.#reader.read(method, params, line);
    // The turn's id is known by its beginning, too, should that be told before our request is answered.
    return joined(reading, this.#goOn());
  }

  /** What became of a request of ours. */
  #answered(message: Extract<Incoming, { kind: "ok" | "failed" }>, line: string): Reading {
    const key = String(message.id);
    const heard = { events: [], heard: [key] };
    const [kind = "", ...rest] = key.split(":");
    if (kind === "steer") {
      const how = message.kind === "ok" ? "injected" as const : "refused" as const;
      return { ...heard, steered: [{ key: rest.join(":"), how }] };
    }
    switch (key) {
      case INITIALIZE:
        return message.kind === "ok" ? heard : joined(heard, this.#reader.failed(message.message));
      case THREAD:
        return joined(
          heard,
          message.kind === "ok"
            ? this.#reader.threadBegan(message.result)
            : this.#reader.failed(message.message),
          said(this.#begin()),
        );
      case TURN:
        return joined(
          heard,
          message.kind === "ok"
            ? this.#reader.turnAccepted(message.result)
            : this.#reader.failed(message.message),
          this.#goOn(),
        );
      default:
        return WITHOUT_RESULT.has(kind) ? heard : { events: [{ type: "raw", text: line }] };
    }
  }

  /** Starts the turn as soon as there is a thread and a prompt. */
  #begin(): Saying[] {
    const { threadId, thread, hasEnded } = this.#reader;
    if (threadId === null || this.#prompt === null || hasEnded || this.#isInterrupted) return [];
    const text = this.#prompt;
    this.#prompt = null;
    this.#isAsked = true;
    return [turnStart(this.#context, { threadId, thread, text })];
  }

  /** Says what had to wait for the turn's id. */
  #goOn(): Reading {
    if (this.#reader.turnId === null) return { events: [] };
    const waiting = this.#steers;
    this.#steers = [];
    return joined(
      ...waiting.map((steer) => this.#steer(steer)),
      this.#isInterrupted ? said(this.#interruption()) : { events: [] },
    );
  }

  #steer(steer: { key: string; text: string }): Reading {
    const { key, text } = steer;
    const { turnId, hasEnded } = this.#reader;
    if (hasEnded) return { events: [], steered: [{ key, how: "refused" }] };
    if (turnId === null) {
      this.#steers.push(steer);
      return { events: [] };
    }
    return said([this.#steering(`steer:${key}`, text)]);
  }

  #steering(key: string, text: string): Saying {
    const { threadId, turnId } = this.#reader;
    return request(key, "turn/steer", { threadId, expectedTurnId: turnId, input: [textInput(text)] });
  }

  #interrupt(): Reading {
    this.#isInterrupted = true;
    const { turnId, hasEnded } = this.#reader;
    if (hasEnded) return { events: [] };
    if (turnId !== null) return said(this.#interruption());
    // A turn that was asked for has an id soon; without one there is nothing to interrupt.
    return this.#isAsked ? { events: [] } : this.#reader.end(interruptedTurn());
  }

  /** Interrupting leaves the commands of the turn running; the second request ends them. */
  #interruption(): Saying[] {
    const { threadId, turnId } = this.#reader;
    if (turnId === this.#interruptedTurn) return [];
    this.#interruptedTurn = turnId;
    return [
      request(`interrupt:${turnId}`, "turn/interrupt", { threadId, turnId }),
      request(`clean:${turnId}`, "thread/backgroundTerminals/clean", { threadId }),
    ];
  }

  /** Words beside an answer go to the model as more to consider. */
  #settled({ reading, declined, remark }: ReturnType<OpenRequests["settle"]>): Reading {
    if (declined !== undefined) this.#reader.declined(declined);
    if (remark === undefined || this.#reader.turnId === null) return reading;
    return joined(reading, said([this.#steering(`remark:${remark.key}`, remark.text)]));
  }
}

function said(says: readonly Saying[]): Reading {
  return { events: [], says };
}

/** Several readings as one, in their order. */
function joined(...readings: readonly Reading[]): Reading {
  const events: EventBody[] = readings.flatMap(({ events }) => events);
  const terminal = readings.findLast(({ terminal }) => terminal !== undefined)?.terminal;
  const says = readings.flatMap(({ says = [] }) => says);
  const heard = readings.flatMap(({ heard = [] }) => heard);
  const steered = readings.flatMap(({ steered = [] }) => steered);
  return {
    events,
    ...(terminal === undefined ? {} : { terminal }),
    ...(says.length === 0 ? {} : { says }),
    ...(heard.length === 0 ? {} : { heard }),
    ...(steered.length === 0 ? {} : { steered }),
    ...(readings.some(({ resumes }) => resumes === true) ? { resumes: true } : {}),
  };
}
