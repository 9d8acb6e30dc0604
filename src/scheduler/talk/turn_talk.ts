/**
 * Room `scheduler`: the talk of one turn: a fold over what the agent prints and what is put in from outside. A later
 * daemon folds the same lines and the same journal, and so knows the same, has the same events and says the same. Rule
 * of this file: whatever depends on anything but the lines is in the journal before it takes effect.
 *
 * @module
 */
import type { Talk, TalkInput } from "../../agents/live_driver.ts";
import type { Reading } from "../../agents/turn_reader.ts";
import type { EventBody } from "../../domain/event/event_body.ts";
import type { EpochMs } from "../../domain/job/ids.ts";
import type { JournalEntry } from "../../kernel/channel/journal.ts";
import type { Clock } from "../../system/clock.ts";
import type { TakeReading, TurnReading } from "../turn/turn_reading.ts";
import { AskedQuestions } from "./asked_questions.ts";
import { Steers } from "./steers.ts";
import { Stillness } from "./stillness.ts";
import { entryOf, inputOf, type JournaledInput, type Refusal, SUPERSEDED } from "./talk_input.ts";
import { SAY, type TalkRecord } from "./talk_record.ts";

type SteerPayload = Extract<JournaledInput, { kind: "steer" }>["payload"];

export interface TurnTalkOptions {
  talk: Talk;
  turn: number;
  record: TalkRecord;
  clock: Clock;
  /** When a question was asked, if an earlier daemon has told; epoch ms. */
  askedAt: (id: string) => EpochMs | undefined;
}

export class TurnTalk implements TurnReading, Disposable {
  readonly questions: AskedQuestions;
  readonly steers: Steers = new Steers();
  readonly stillness: Stillness;
  readonly #options: TurnTalkOptions;
  /** Entries of an earlier daemon that have not been gone through yet. */
  readonly #left: JournalEntry[];
  /** Bytes of whole lines read. */
  #position = 0;
  /** Keys of what the agent has acknowledged, and of what it is still to acknowledge. */
  readonly #heard = new Set<string>();
  readonly #awaited = new Set<string>();
  /** Keys of the lines that tell an answer, by the question's id. */
  readonly #answers = new Map<string, readonly string[]>();
  #isInterrupted = false;
  #withheld: string | null = null;
  /** Whether lines were read since the talk was last asked for what it holds back. */
  #mayHoldBack = false;

  constructor(options: TurnTalkOptions) {
    const { turn, record, clock, askedAt } = options;
    this.#options = options;
    this.#left = [...record.entries];
    this.questions = new AskedQuestions(turn, (id) => askedAt(id) ?? clock.now());
    this.stillness = new Stillness(record.entries.findLast(({ still }) => still !== undefined)?.still ?? 0);
  }

  /** Whether entries of an earlier daemon are left: until then, nothing may be put in. */
  get isCatchingUp(): boolean {
    return this.#left.length > 0;
  }

  /** Whether the agent has said its last word and has no task of its own left. */
  get isOver(): boolean {
    return this.#options.talk.isOver;
  }

  /** The turn's prompt, as long as it is kept from the agent. */
  get withheld(): string | null {
    return this.#withheld;
  }

  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Whether the agent is to acknowledge something, or something is not said yet. */
  get isExpecting(): boolean {
    return this.#awaited.size > 0 || !this.#options.record.isSaid;
  }

  /** Whether the agent's input may end: nothing is lost by it. */
  get mayLeave(): boolean {
    return this.isOver && !this.isExpecting && !this.isCatchingUp;
  }

  isHeard(key: string): boolean {
    return this.#heard.has(key);
  }

  /** Questions whose answer the agent has not acknowledged, though it acknowledges answers. */
  unheardAnswers(): string[] {
    const isUnheard = (key: string) => !this.#heard.has(key);
    return [...this.#answers].flatMap(([id, lines]) => lines.some(isUnheard) ? [id] : []);
  }

  /** Epoch ms of the newest entry that an earlier daemon has put in; 0 when there is none. */
  get lastEntryAt(): number {
    return this.#options.record.entries.at(-1)?.at ?? 0;
  }

  begin(take: TakeReading): void {
    this.#goThrough(0, take);
  }

  /** Reads the line, and goes through the entries of an earlier daemon that stand behind it. */
  read(line: string, start: number, end: number, take: TakeReading): void {
    this.#position = end;
    this.#mayHoldBack = true;
    take(this.#absorb(this.#options.talk.read(line)), start, null);
    this.#goThrough(end, take);
  }

  /** Where nothing was printed for a while, asks for what the reader holds back. @throws what the file system says */
  rest(isSilent: boolean, take: TakeReading): void {
    this.#goThrough(Infinity, take);
    if (isSilent && this.#mayHoldBack && this.#options.talk.pause !== undefined) {
      this.put({ kind: "pause", payload: {} }, take);
    }
  }

  /**
   * Puts an input in.
   *
   * @throws what the file system says; then nothing was put in
   */
  put(input: JournaledInput, take: TakeReading): void {
    const entry = this.#options.record.put({ ...this.#place(), ...entryOf(input) });
    this.stillness.kept();
    this.#step(entry, input, take);
  }

  /** Says what is to be said. @throws what the file system says; the next call goes on */
  flush(): void {
    if (!this.isCatchingUp) this.#options.record.flush(this.#place());
  }

  /** The output has ended. */
  finish(): Reading {
    return this.#absorb(this.#options.talk.finish());
  }

  [Symbol.dispose](): void {
    this.#options.record[Symbol.dispose]();
  }

  #place(): Pick<JournalEntry, "raw" | "at" | "still"> {
    const { ms } = this.stillness;
    return { raw: this.#position, at: this.#options.clock.now(), ...(ms === 0 ? {} : { still: ms }) };
  }

  #goThrough(position: number, take: TakeReading): void {
    for (let next = this.#left[0]; next !== undefined && next.raw <= position; next = this.#left[0]) {
      this.#left.shift();
      if (next.kind === SAY) this.#options.record.forget();
      const input = inputOf(next);
      if (input !== null) this.#step(next, input, take);
    }
  }

  #step({ n, raw }: JournalEntry, input: JournaledInput, take: TakeReading): void {
    const held = input.kind === "clock" ? [] : this.#options.talk.pause?.() ?? [];
    if (input.kind !== "clock") this.#mayHoldBack = false;
    const reading = this.#apply(input);
    take({ ...reading, events: [...held, ...reading.events] }, raw, n);
  }

  #apply(input: JournaledInput): Reading {
    switch (input.kind) {
      case "pause":
      case "clock":
        return { events: [] };
      case "answer": {
        const { question_id: id, answer, by, key } = input.payload;
        const settled = this.questions.settle(id, { end: "answered", ...answer, by, key });
        const given = { kind: "answer", question_id: this.questions.agentId(id), answer } as const;
        if (settled.length === 0) return { events: [] };
        const reading = this.#options.talk.apply(given);
        const lines = (reading.says ?? []).filter(({ isAcknowledged }) => isAcknowledged);
        this.#answers.set(id, lines.map((saying) => saying.key));
        return this.#withFirst(settled, this.#absorb(reading));
      }
      case "refuse":
        return this.#refuse(input.payload.question_id, input.payload);
      case "steer":
        return this.#steer(input.payload);
      case "withheld":
        this.#withheld = input.payload.text;
        return { events: [] };
      case "prompt":
        this.#withheld = null;
        return this.#say({ kind: "prompt", text: input.payload.text });
      case "interrupt":
        this.#isInterrupted = true;
        return this.#say({ kind: "interrupt" });
      case "open":
      case "tick":
        return this.#say({ kind: input.kind });
    }
  }

  #refuse(id: string, { end, by, why }: Omit<Refusal, "question_id">): Reading {
    const settled = this.questions.settle(id, { end, by, ...(end === "rejected" ? { text: why } : {}) });
    const given = { kind: "refuse", question_id: this.questions.agentId(id), why } as const;
    return settled.length === 0 ? { events: [] } : this.#say(given, settled);
  }

  /**
   * It is said before the questions are refused in whose place it is: an agent asks its model again as soon as it is
   * refused something, and that request is to have it.
   */
  #steer({ key, text, by, supersedes = [] }: SteerPayload): Reading {
    this.steers.add({ key, text });
    const said = this.#options.talk.apply({ kind: "steer", key, text });
    this.steers.said(key, said.says ?? []);
    return [
      this.#absorb(said),
      ...supersedes.map((id) => this.#refuse(id, { end: "superseded", by, why: SUPERSEDED })),
    ].reduce((one, next) => ({ ...one, ...next, events: [...one.events, ...next.events] }));
  }

  #say(input: TalkInput, first: readonly EventBody[] = []): Reading {
    return this.#withFirst(first, this.#absorb(this.#options.talk.apply(input)));
  }

  #withFirst(first: readonly EventBody[], reading: Reading): Reading {
    return { ...reading, events: [...first, ...reading.events] };
  }

  /** Takes all of a reading that is more than its events, and adds the events that this makes. */
  #absorb(reading: Reading): Reading {
    const { events, says = [], asks = [], withdraws = [], heard = [], steered = [] } = reading;
    for (const key of heard) {
      this.#heard.add(key);
      this.#awaited.delete(key);
    }
    for (const { key, isAcknowledged } of says) {
      if (isAcknowledged && !this.#heard.has(key)) this.#awaited.add(key);
    }
    this.#options.record.say(says);
    for (const each of steered) this.steers.steered(each);
    const withdrawn = withdraws.flatMap((id) => this.questions.withdraw(id));
    return {
      ...reading,
      events: [...events, ...withdrawn, ...asks.flatMap((asked) => this.questions.ask(asked))],
    };
  }
}
