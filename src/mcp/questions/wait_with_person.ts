/**
 * Room `mcp`: a wait during which the person at the host is asked what the jobs ask. Whoever waits for a model goes on
 * waiting while the person thinks, and hears of a question only when the person has left it open.
 *
 * @module
 */
import type { Clock } from "../../system/clock.ts";
import type { Person } from "./person.ts";
import { questionKey, type QuestionsAtTheDesk } from "./questions_at_the_desk.ts";

/** What every wait answers. */
export interface Waited {
  readonly timed_out: boolean;
  /** From where the next wait goes on. */
  readonly cursor: number;
}

export interface WaitWithPersonOptions<Result> {
  /** Whether what was waited for has come: if not, and with time left, it was a question that has ended the wait. */
  readonly isDone: (result: Result) => boolean;
  /** The jobs that are waited for; `undefined` for all. */
  readonly jobIds: readonly string[] | undefined;
  readonly seconds: number;
  /** `undefined` where the host has no person to be asked. */
  readonly person: Person | undefined;
  /** `undefined` where there are no questions. */
  readonly questions: QuestionsAtTheDesk | undefined;
  readonly clock: Clock;
  /** Aborted when nobody waits any longer. */
  readonly signal: AbortSignal;
}

export interface WaitPart {
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** The cursor of the part before; `undefined` for the first one. */
  readonly after: number | undefined;
}

/**
 * @param wait waits once, for a part of the time.
 * @throws {InputRequired} where the host has to ask and to call again with the answers.
 */
export async function waitWithPerson<Result extends Waited>(
  wait: (part: WaitPart) => Promise<Result>,
  { isDone, jobIds, seconds, person, questions, clock, signal }: WaitWithPersonOptions<Result>,
): Promise<Result> {
  if (person === undefined || questions === undefined) {
    return await wait({ seconds, signal, after: undefined });
  }
  const deadline = clock.steady() + seconds * 1_000;
  const seen = new Set<string>();
  for (let last: Result | undefined;;) {
    const open = (await questions.open(jobIds, { signal })).filter((one) => person.mayBeAsked(one));
    // It was woken by what this person is not to be asked: that is for the model to know.
    if (last !== undefined && open.every((one) => seen.has(questionKey(one)))) return last;
    for (const one of open) seen.add(questionKey(one));
    const verdicts = person.ask(open, { jobIds, answer: (one, answer) => questions.answer(one, answer) });
    const leftOpen = new AbortController();
    for (const verdict of verdicts) {
      void verdict.then((word) => word === "left_open" ? leftOpen.abort() : undefined);
    }
    const after = last?.cursor;
    const left = Math.max(0, (deadline - clock.steady()) / 1_000);
    try {
      last = await wait({ seconds: left, signal: AbortSignal.any([signal, leftOpen.signal]), after });
    } catch (error) {
      if (!leftOpen.signal.aborted || signal.aborted) throw error;
      // What the person has left open the model hears of at once.
      return await wait({ seconds: 0, signal, after });
    }
    if (last.timed_out || isDone(last)) return last;
  }
}
