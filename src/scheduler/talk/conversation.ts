/**
 * Room `scheduler`: the two-way side of a running turn: what others may say in its talk, what the rules of the house say
 * in it, and when its channel ends. Rule of this file: whatever is decided here is put into the talk as an input, so
 * that a later daemon need not decide it again.
 *
 * @module
 */
import type { LiveDriver } from "../../agents/live_driver.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { StopCause } from "../../domain/job/reason.ts";
import { type AskedQuestion, MAX_OPEN_QUESTIONS, type OpenQuestion } from "../../domain/question/question.ts";
import { until } from "../../kernel/until.ts";
import { ifOurs } from "../../system/files/files.ts";
import { within } from "../../system/deadline.ts";
import type { Limits } from "../limits.ts";
import type { TurnOutput } from "../turn/output.ts";
import { ChannelEnd, type ChannelEndOptions } from "./channel_end.ts";
import type { Delivered, GivenAnswer, GivenSteer, LiveTurn, Settled } from "./live_turn.ts";
import { inputFailure, type JournaledInput, type Refusal, SUPERSEDED } from "./talk_input.ts";
import type { Steers } from "./steers.ts";
import type { TurnTalk } from "./turn_talk.ts";
import { WithheldPrompt, type WithheldPromptOptions } from "./withheld_prompt.ts";

/** Ms that an agent gets to end its turn in order, and to leave when its input has ended. */
const INTERRUPT_MS = 2_000;
const LEAVE_MS = 1_000;

/** Ms that an agent may take to tell what it does with a steer, until it counts as queued; most take a few. */
const STEER_MS = 3_000;

/** Ms of silence after which a talk is told that time passes; then after twice as long, and so on. */
const FIRST_TICK_MS = 2_000;

/** Ms of silence after which a turn with an open question does nothing but wait. */
const WAITING_MS = 500;

/** Who it is that settles a question by the rules of the house. */
const HOUSE = "agent-async";

export interface ConversationOptions extends ChannelEndOptions, Pick<WithheldPromptOptions, "changes"> {
  jobId: string;
  live: LiveDriver;
  talk: TurnTalk;
  output: TurnOutput;
}

export class Conversation implements LiveTurn {
  /** Called when something was put in. */
  onInput: () => void = () => {};
  readonly #options: ConversationOptions;
  readonly #talk: TurnTalk;
  /** How its channel ends. */
  readonly channel: ChannelEnd;
  readonly prompt: WithheldPrompt;
  readonly #ready = Promise.withResolvers<void>();
  readonly ready: Promise<void> = this.#ready.promise;
  #isReady = false;
  #isClosed = false;
  #isLeaving = false;
  #tickMs = FIRST_TICK_MS;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#talk = options.talk;
    this.channel = new ChannelEnd(options);
    this.prompt = new WithheldPrompt({ ...options, onReady: () => this.onInput() });
  }

  /** Puts in what a talk begins with. To be called once, before the agent is started. @throws as `TurnOutput.put` */
  begin(prompt: string): void {
    this.#options.output.put({ kind: "open", payload: {} });
    this.prompt.begin(prompt);
  }

  get open(): OpenQuestion[] {
    return this.#talk.questions.open;
  }

  /** Ms for which the turn's clocks have stood still. */
  get stillMs(): number {
    return this.#talk.stillness.ms;
  }

  /** Whether its agent does nothing but wait for an answer. */
  get isWaiting(): boolean {
    return this.open.length > 0 && this.#options.output.silence.ms > WAITING_MS;
  }

  get isOver(): boolean {
    return this.#talk.isOver;
  }

  /** Whether something is to come back soon, so that the output is to be looked at often. */
  get isEager(): boolean {
    return this.#isLeaving || this.#talk.isExpecting;
  }

  question(id: string): AskedQuestion | null {
    return this.#talk.questions.question(id);
  }

  settled(id: string): Settled | null {
    return this.#talk.questions.settled(id);
  }

  answer(id: string, { answer, by, key }: GivenAnswer): Promise<void> {
    const given = { question_id: id, answer, by, ...(key === undefined ? {} : { key }) };
    this.#put({ kind: "answer", payload: given }, "answer");
    return Promise.resolve();
  }

  async steer({ key, text, by }: GivenSteer): Promise<Delivered | null> {
    const { live, output } = this.#options;
    await this.prompt.settled;
    if (!this.#talk.steers.has(key)) {
      if (live.steers === null || this.#isLeaving || this.#isClosed) return null;
      if (this.#talk.isOver || output.lastWord !== null) return null;
      const supersedes = this.open.map(({ question_id }) => question_id);
      this.#put({ kind: "steer", payload: { key, text, by, supersedes } }, "steer");
    }
    return await this.delivered(key);
  }

  delivered(key: string): Promise<Delivered> {
    return this.#talk.steers.told(key, STEER_MS);
  }

  /** Refuses the question that has been open longest. */
  refuseOldest(why: string): void {
    const [oldest] = this.open;
    if (oldest !== undefined) this.#refuse(oldest.question_id, why);
  }

  /**
   * To be called after each reading of output: does what time and limits ask for.
   *
   * @throws what the file system says
   */
  tend({ more, hasPrinted, limits }: { more: boolean; hasPrinted: boolean; limits: Limits }): void {
    if (this.#talk.isCatchingUp) return;
    const { clock, output } = this.#options;
    if (!more) this.#getReady();
    this.prompt.tend();
    const { stillness } = this.#talk;
    stillness.look(clock.steady(), { isAsking: this.open.length > 0, hasPrinted });
    if (stillness.isDue({ hasPrinted })) output.put({ kind: "clock", payload: {} });
    for (const { question_id } of this.open.slice(MAX_OPEN_QUESTIONS)) {
      this.#refuse(question_id, `${MAX_OPEN_QUESTIONS} questions are open already`);
    }
    const late = clock.now() - limits.questionSeconds * 1000;
    for (const { question_id, asked_at } of this.open) {
      if (asked_at < late) {
        this.#refuse(question_id, `nobody answered within ${limits.questionSeconds} s`);
      }
    }
    this.#tick(hasPrinted);
    this.channel.mind(this.#talk.mayLeave);
  }

  /** Asks the agent to end its turn in order, and gives it a moment for that. Never throws. */
  async leave(cause: StopCause | undefined, signal: AbortSignal): Promise<void> {
    const { output, process } = this.#options;
    this.#isLeaving = true;
    this.prompt.leave();
    this.onInput();
    const isGone = () => signal.aborted || process.exitRecord() !== null || process.liveness() !== "alive";
    try {
      await within(INTERRUPT_MS, this.ready, signal);
      if (this.channel.isCut || !this.#isReady || cause === "output_limit") return;
      for (const { question_id } of cause === "superseded" ? this.open : []) {
        this.#refuse(question_id, SUPERSEDED, { end: "superseded", by: "the next prompt" });
      }
      if (!this.#talk.isOver && !this.#talk.isInterrupted) output.put({ kind: "interrupt", payload: {} });
      this.onInput();
      await until(() => this.#talk.mayLeave || isGone(), INTERRUPT_MS);
      if (signal.aborted || !this.#talk.isOver) return;
      this.channel.end();
      await until(isGone, LEAVE_MS);
    } catch {
      // A full disk: then signals end the turn.
    }
  }

  /** What is to be said of the talk when the turn has ended. @param cause of the turn's stop */
  endEvents(cause: StopCause | null): EventBody[] {
    const end = cause === "superseded" ? "superseded" : "closed";
    const closed = this.open.flatMap(({ question_id }) =>
      this.#talk.questions.settle(question_id, { end, by: HOUSE })
    );
    const lost = this.#talk.unheardAnswers().map((id) =>
      `The answer to question ${id} did not reach the agent`
    );
    return [...lost.map((message): EventBody => ({ type: "warning", message })), ...closed];
  }

  /** What became of all that was said to the agent beside its prompt. */
  steered(): ReturnType<Steers["outcome"]> {
    return this.#talk.steers.outcome((key) => this.#talk.isHeard(key));
  }

  close(): void {
    this.#isClosed = true;
    this.prompt.leave();
    this.#ready.resolve();
    this.#talk.steers.close();
    this.#talk[Symbol.dispose]();
  }

  #getReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    const { clock, files } = this.#options;
    const [oldest] = this.open;
    if (oldest !== undefined) {
      // While no daemon looked, the agent printed last when its output was last written.
      const printedAt = ifOurs(() => Deno.statSync(files.rawFile).mtime?.getTime()) ?? 0;
      this.#talk.stillness.add(clock.now() - Math.max(oldest.asked_at, printedAt, this.#talk.lastEntryAt));
    }
    this.#ready.resolve();
  }

  #refuse(id: string, why: string, { end = "rejected", by = HOUSE }: Partial<Refusal> = {}): void {
    this.#options.output.put({ kind: "refuse", payload: { question_id: id, why, end, by } });
  }

  #put(input: JournaledInput, verb: string): void {
    const { output, jobId } = this.#options;
    if (this.#isClosed) {
      throw new AgentAsyncError("handover", `Cannot ${verb} job ${jobId}: its daemon is leaving`);
    }
    try {
      output.put(input);
    } catch (error) {
      throw inputFailure(error, `${verb} job ${jobId}`);
    }
    this.onInput();
  }

  /** Tells the talk that time passes, while it waits for the agent and not for an answer. */
  #tick(hasPrinted: boolean): void {
    const { output } = this.#options;
    if (hasPrinted) this.#tickMs = FIRST_TICK_MS;
    if (this.open.length > 0 || !this.#talk.isExpecting || output.silence.ms < this.#tickMs) return;
    this.#tickMs *= 2;
    output.put({ kind: "tick", payload: {} });
  }
}
