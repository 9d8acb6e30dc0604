/**
 * Room `scheduler`: the prompt of a two-way turn that may write. The agent is launched at once and opens its session,
 * but it gets the prompt only when the snapshot before the turn is complete. A one-way agent is launched after its
 * snapshot instead: it may begin to work before it reads its stdin, or give up a stdin that stays empty (Gemini CLI
 * after 0.5 s, Claude Code after 3 s). Rule of this file: a withheld prompt is in the journal, so that a later daemon
 * takes the snapshot and says it, once.
 *
 * @module
 */
import type { JournaledInput } from "./talk_input.ts";

export interface WithheldPromptOptions {
  talk: { readonly withheld: string | null; readonly isOver: boolean; readonly isInterrupted: boolean };
  output: { put(input: JournaledInput): void };
  /** Takes the snapshot before the turn; `null` for a turn that has none. */
  changes: { before(isLeft: () => boolean): Promise<void> } | null;
  /** Called when the prompt can be said. */
  onReady: () => void;
}

export class WithheldPrompt {
  readonly #options: WithheldPromptOptions;
  readonly #settled = Promise.withResolvers<void>();
  /** Resolves when the prompt is said, or will not be said any more. */
  readonly settled: Promise<void> = this.#settled.promise;
  #snapshot: "none" | "begun" | "complete" = "none";
  #isLeft = false;

  constructor(options: WithheldPromptOptions) {
    this.#options = options;
  }

  /** Whether the agent still waits for its prompt. */
  get isWithheld(): boolean {
    return this.#options.talk.withheld !== null;
  }

  /** Puts the prompt in, or withholds it. To be called once, before the agent is started. @throws as `TurnOutput.put` */
  begin(text: string): void {
    const kind = this.#options.changes === null ? "prompt" : "withheld";
    this.#options.output.put({ kind, payload: { text } });
  }

  /** To be called after each reading of output. @throws as `TurnOutput.put`; the next call tries again */
  tend(): void {
    const { talk, output, changes } = this.#options;
    const text = talk.withheld;
    if (text === null || this.#isLeft || talk.isOver || talk.isInterrupted) return this.#settled.resolve();
    if (changes !== null && this.#snapshot === "none") {
      this.#snapshot = "begun";
      void changes.before(() => this.#isLeft).then(() => {
        this.#snapshot = "complete";
        if (!this.#isLeft) this.#options.onReady();
      });
    }
    if (this.#snapshot === "begun") return;
    output.put({ kind: "prompt", payload: { text } });
    this.#settled.resolve();
  }

  /** The prompt is not said any more: the turn is being ended, or a later daemon goes on with it. */
  leave(): void {
    this.#isLeft = true;
    this.#settled.resolve();
  }
}
