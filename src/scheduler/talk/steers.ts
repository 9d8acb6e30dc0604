/**
 * Room `scheduler`: what became of all that was said to a working agent beside its prompt.
 *
 * @module
 */
import type { Saying, Steered } from "../../agents/turn_reader.ts";
import type { TurnOutcome } from "../../domain/turn/turn.ts";
import { ADVICE_KEY, type Delivered } from "./live_turn.ts";

interface Steer {
  readonly key: string;
  readonly text: string;
  how: Steered["how"] | null;
  /** Keys of the lines that it brought and that the agent acknowledges. */
  lines: readonly string[];
}

/** A steer that its agent did not take. */
export interface Undelivered {
  readonly key: string;
  readonly text: string;
}

export class Steers {
  readonly #steers = new Map<string, Steer>();
  readonly #waiting = new Map<string, Set<(how: Delivered) => void>>();

  has(key: string): boolean {
    return this.#steers.has(key);
  }

  add({ key, text }: Undelivered): void {
    this.#steers.set(key, { key, text, how: null, lines: [] });
  }

  /** Notes which lines the steer has brought. */
  said(key: string, says: readonly Saying[]): void {
    const steer = this.#steers.get(key);
    if (steer === undefined) return;
    steer.lines = says.filter(({ isAcknowledged }) => isAcknowledged).map((saying) => saying.key);
  }

  /** The agent has told what it does with one. */
  steered({ key, how }: Steered): void {
    const steer = this.#steers.get(key);
    if (steer === undefined) return;
    steer.how = how;
    // One that was refused is the next turn, so it is taken, too: after all that the agent is doing.
    for (const tell of this.#waiting.get(key) ?? []) tell(how === "injected" ? "injected" : "queued");
    this.#waiting.delete(key);
  }

  /** What became of a steer, as soon as the agent tells; "queued" when it does not within `ms`. */
  async told(key: string, ms: number): Promise<Delivered> {
    const { promise, resolve } = Promise.withResolvers<Delivered>();
    const how = this.#steers.get(key)?.how ?? null;
    if (how !== null) return how === "injected" ? "injected" : "queued";
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(resolve));
    const timer = setTimeout(() => resolve("queued"), ms);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      waiting.delete(resolve);
    }
  }

  /** Ends all waiting: the turn is over, or another daemon goes on with it. */
  close(): void {
    for (const tells of this.#waiting.values()) for (const tell of tells) tell("queued");
    this.#waiting.clear();
  }

  /**
   * Those that the agent has not taken, in order, without advice of our own, which is late by then.
   *
   * @param isHeard whether the agent has acknowledged this line
   */
  undelivered(isHeard: (lineKey: string) => boolean): Undelivered[] {
    return this.#ofCallers()
      .filter(({ how, lines }) => how === null || how === "refused" || !lines.every(isHeard))
      .map(({ key, text }) => ({ key, text }));
  }

  /** What is kept of them when the turn has ended. @param isHeard as of {@link undelivered} */
  outcome(isHeard: (lineKey: string) => boolean): Pick<TurnOutcome, "injected" | "undelivered"> {
    const injected = this.#ofCallers().filter(({ how }) => how === "injected");
    const undelivered = this.undelivered(isHeard);
    return {
      ...(injected.length === 0 ? {} : { injected: injected.map(({ key }) => key) }),
      ...(undelivered.length === 0 ? {} : { undelivered: undelivered.map(({ text }) => text) }),
    };
  }

  #ofCallers(): Steer[] {
    return [...this.#steers.values()].filter(({ key }) => !key.startsWith(ADVICE_KEY));
  }
}
