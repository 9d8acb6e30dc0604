/**
 * Room `agents`: answers of agents to questions about themselves, for as long as nothing changes that they depend on.
 *
 * @module
 */
import type { Dependencies } from "../agent_questions.ts";

export interface RememberOptions<Answer> {
  /** What is asked of whom: the executable, its arguments and the directory. */
  question: string;
  dependencies: Dependencies;
  env: Readonly<Record<string, string>>;
  /** See `Probe.identity`. */
  identity: (path: string) => string | null;
  ask: () => Promise<Answer | null>;
}

/** Answers that are kept; the oldest goes first. One is some hundred bytes, and there is one for each directory. */
const MOST_ANSWERS = 500;

export class RememberedAnswers<Answer> {
  /** By question. Promises, so that calls at the same time ask once. */
  readonly #known = new Map<string, { state: string; answer: Promise<Answer | null> }>();

  /** @returns `null` where there is no answer, which is asked for again the next time */
  async answer(
    { question, dependencies, env, identity, ask }: RememberOptions<Answer>,
  ): Promise<Answer | null> {
    const stateNow = () =>
      JSON.stringify([
        dependencies.files.map((path) => [path, identity(path)]),
        dependencies.variables.map((name) => [name, env[name] ?? null]),
      ]);
    const state = stateNow();
    const known = this.#known.get(question);
    if (known?.state === state) return await known.answer;
    const entry = { state, answer: ask() };
    this.#known.delete(question);
    this.#known.set(question, entry);
    this.#forgetOldest();
    const forget = () => this.#known.get(question) === entry && this.#known.delete(question);
    try {
      const answer = await entry.answer;
      // A file that changed meanwhile may have been read before or after its change: ask again next time.
      if (answer === null || stateNow() !== state) forget();
      return answer;
    } catch (error) {
      forget();
      throw error;
    }
  }

  #forgetOldest(): void {
    for (const question of this.#known.keys()) {
      if (this.#known.size <= MOST_ANSWERS) return;
      this.#known.delete(question);
    }
  }
}
