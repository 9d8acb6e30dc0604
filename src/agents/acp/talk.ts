/**
 * Room `agents`: one turn's talk with an agent that speaks ACP: its session is opened, it gets its prompt, it asks, and
 * it ends.
 *
 * @module
 */
import * as z from "zod";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { Terminal } from "../../domain/turn/turn.ts";
import type { Talk, TalkContext, TalkInput } from "../live_driver.ts";
import { isInvisible, linePieces, looksPlain } from "../reading/json_line.ts";
import { joinedReading } from "../reading/joined_reading.ts";
import type { Reading } from "../turn_reader.ts";
import type { AcpAgent } from "./agent.ts";
import { dialectOf } from "./dialects.ts";
import { acpFailure, silence, stopFailure } from "./failures.ts";
import { METHOD_NOT_FOUND, notification, OWN_IDS, plainPrompt, refusal } from "./lines.ts";
import {
  type AcpError,
  type AcpMessage,
  isMessage,
  isUntold,
  parseMessage,
  type RequestId,
} from "./messages.ts";
import { OpenQuestions } from "./questions/open_questions.ts";
import { Opening } from "./opening.ts";
import { failedReading, OwnRequests } from "./own_requests.ts";
import { refusedSteer, steer } from "./steering.ts";
import { AcpUpdates } from "./updates.ts";

const NOTHING: Reading = { events: [] };

/** The key of what interrupts the turn. */
const INTERRUPT = "interrupt";

const CancelledRequest = z.object({ requestId: z.union([z.string(), z.number()]) });
const UpdatedCall = z.object({ update: z.object({ toolCallId: z.string() }) });
const StopReason = z.object({ stopReason: z.string() });

export class AcpTalk implements Talk {
  readonly #agent: AcpAgent;
  readonly #context: TalkContext;
  readonly #updates: AcpUpdates;
  readonly #questions: OpenQuestions;
  readonly #requests: OwnRequests;
  readonly #opening: Opening;
  #sessionId = "";
  #prompt: string | null = null;
  /** `opening`: until the session is as the policy asks. `working`: from the prompt to its answer. */
  #phase: "opening" | "ready" | "working" | "over" = "opening";
  #isInterrupted = false;

  constructor(agent: AcpAgent, context: TalkContext) {
    this.#agent = agent;
    this.#context = context;
    this.#updates = new AcpUpdates(context.sessionUsage);
    this.#questions = new OpenQuestions(this.#updates.calls, { policy: context.policy, title: agent.title });
    this.#requests = new OwnRequests((error, what) => this.#failed(error, what));
    this.#opening = new Opening(agent, {
      context,
      requests: this.#requests,
      greeted: (name) => this.#updates.dialect = dialectOf(name),
      ready: ({ sessionId, mode }) => {
        this.#sessionId = sessionId;
        this.#updates.mode = mode;
        this.#phase = "ready";
        return this.#goOn();
      },
    });
  }

  get isOver(): boolean {
    return this.#phase === "over" && this.#requests.isEmpty;
  }

  apply(input: TalkInput): Reading {
    return this.#told(this.#applied(input));
  }

  read(line: string): Reading {
    if (isUntold(line) || isInvisible(line)) return NOTHING;
    const message = looksPlain(line) ? parseMessage(line) : null;
    if (message !== null) return this.#message(message, line);
    const pieces = linePieces(line, isMessage) ?? [{ text: line, isObject: false }];
    return joinedReading(pieces.map(({ text }) => {
      const piece = parseMessage(text);
      return piece === null ? this.#told(raw(text)) : this.#message(piece, text);
    }));
  }

  pause(): readonly EventBody[] {
    return this.#updates.afterMessage([]);
  }

  finish(): Reading {
    return { events: this.#updates.finish() };
  }

  #applied(input: TalkInput): Reading {
    switch (input.kind) {
      case "open":
        return this.#opening.begin();
      case "prompt":
        this.#prompt = input.text;
        return this.#goOn();
      case "answer":
        return this.#questions.answer(input.question_id, input.answer);
      case "refuse":
        return this.#questions.refuse(input.question_id);
      case "steer":
        return this.#steer(input.key, input.text);
      case "interrupt":
        return this.#interrupt();
      case "tick":
        return NOTHING;
    }
  }

  /** `reading` behind the message that was held back, if it tells something; and over, when it has a last word. */
  #told(reading: Reading): Reading {
    if (reading.terminal !== undefined) {
      // A steer that came as the turn ended still has its answer to come.
      if (this.#phase !== "working") this.#requests.clear();
      this.#phase = "over";
    }
    if (reading.events.length === 0 && reading.asks === undefined && reading.terminal === undefined) {
      return reading;
    }
    return { ...reading, events: this.#updates.afterMessage(reading.events) };
  }

  #message(message: AcpMessage, line: string): Reading {
    switch (message.kind) {
      case "notification":
        return this.#notified(message.method, message.params, line);
      case "request":
        return this.#told(this.#requested(message.id, message.method, message.params));
      case "response":
      case "failure":
        return this.#told(this.#requests.settle(message) ?? (this.#phase === "over" ? NOTHING : raw(line)));
    }
  }

  #notified(method: string, params: unknown, line: string): Reading {
    if (method === "$/cancel_request") {
      const { data } = CancelledRequest.safeParse(params);
      return data === undefined ? NOTHING : this.#questions.withdraw(String(data.requestId));
    }
    if (method !== "session/update") {
      // A method with an underscore is an extension, which whoever does not know it is to ignore.
      const isNoise = method.startsWith("_") || this.#updates.dialect.noise?.test(method) === true;
      return isNoise ? NOTHING : this.#told(raw(line));
    }
    // Before the prompt, an agent that loads a session tells all that was in it.
    if (this.#phase === "opening" || this.#phase === "ready") return NOTHING;
    const events = this.#updates.read(params, line);
    const call = UpdatedCall.safeParse(params).data?.update.toolCallId;
    const heard = call === undefined ? [] : this.#questions.heard(call);
    return { events, ...(heard.length === 0 ? {} : { heard }) };
  }

  #requested(id: RequestId, method: string, params: unknown): Reading {
    if (method !== "session/request_permission" && method !== "elicitation/create") {
      return { events: [], says: [refusal(id, METHOD_NOT_FOUND, `Method not found: ${method}`)] };
    }
    this.#updates.isSilent = false;
    const reading = method === "elicitation/create"
      ? this.#questions.elicitation(id, params)
      : this.#questions.permission(id, params);
    if (reading.asks === undefined || (this.#phase === "working" && !this.#isInterrupted)) return reading;
    // The turn is over, or about to be: nobody is asked any more.
    const { says = [] } = this.#questions.withdraw(String(id));
    return { events: reading.events, says };
  }

  #goOn(): Reading {
    if (this.#phase !== "ready" || this.#prompt === null) return NOTHING;
    this.#phase = "working";
    const prompt = [{ type: "text", text: plainPrompt(this.#prompt) }];
    return this.#requests.make(OWN_IDS.prompt, "session/prompt", { sessionId: this.#sessionId, prompt }, {
      key: "prompt",
      what: "work on the prompt",
      then: (result) => this.#answered(result),
      otherwise: (error) =>
        this.#ended(
          this.#isInterrupted
            ? { events: [], terminal: this.#stopped("cancelled") }
            : this.#failed(error, "work on the prompt"),
        ),
    });
  }

  #answered(result: unknown): Reading {
    const said = StopReason.safeParse(result).data?.stopReason ?? "nothing";
    const failure = this.#updates.failureAt(result);
    if (failure !== null && !this.#isInterrupted) {
      return this.#ended(this.#failed({ code: 0, message: failure, data: undefined }, "work on the prompt"));
    }
    const usage = this.#updates.usage.answer(result, this.#updates.dialect.usage);
    // Qwen Code calls an interrupted turn an ended one.
    const terminal = this.#stopped(this.#isInterrupted ? "cancelled" : said);
    return this.#ended(
      terminal.ok && this.#updates.isSilent
        ? failedReading(silence(this.#agent.title))
        : { events: usage, terminal },
    );
  }

  #stopped(reason: string): Terminal {
    const failure = stopFailure(reason, this.#agent.title);
    return failure === null ? { ok: true } : { ok: false, failure };
  }

  /** The answer to the prompt shows that all that was said before has been heard. */
  #ended(reading: Reading): Reading {
    const withdraws = this.#questions.ids.flatMap((id) => this.#questions.withdraw(id).withdraws ?? []);
    const heard = [...this.#questions.heard(null), ...(this.#isInterrupted ? [INTERRUPT] : [])];
    return { ...reading, heard, ...(withdraws.length === 0 ? {} : { withdraws }) };
  }

  #steer(key: string, text: string): Reading {
    const canBeSteered = this.#phase === "working" && !this.#isInterrupted && this.#agent.steers;
    return canBeSteered
      ? steer(this.#requests, { sessionId: this.#sessionId, key, text })
      : refusedSteer(key);
  }

  #interrupt(): Reading {
    if (this.#isInterrupted || this.#phase === "over") return NOTHING;
    this.#isInterrupted = true;
    if (this.#phase !== "working") return { events: [], terminal: this.#stopped("cancelled") };
    const cancel = notification(INTERRUPT, "session/cancel", { sessionId: this.#sessionId });
    return joinedReading([
      { events: [], says: [cancel] },
      ...this.#questions.ids.map((id) => this.#questions.withdraw(id)),
    ]);
  }

  #failed(error: AcpError, what: string): Reading {
    const { greeting } = this.#opening;
    const { startedAt } = this.#context;
    return failedReading(acpFailure(error, what, { agent: this.#agent, greeting, startedAt }));
  }
}

function raw(text: string): Reading {
  return { events: [{ type: "raw", text }] };
}
