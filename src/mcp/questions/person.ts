/**
 * Room `mcp`: the person at the host. A question that this person has declined stays open for others and is not shown
 * here again.
 *
 * @module
 */
import type { Answer } from "../../domain/question/question.ts";
import { isRecord } from "../desk/json_rpc.ts";
import type { OpenedQuestion } from "./questions_at_the_desk.ts";

/** `settled`: answered, here or elsewhere. `left_open`: the person has declined, or the host has no person. */
export type Verdict = "settled" | "left_open";

export interface AskOptions {
  /** Takes the person's answer; called once for each. What it throws means that somebody was quicker. */
  readonly answer: (opened: OpenedQuestion, answer: Answer) => Promise<void>;
  /** The jobs whose open questions these are, all of them; `undefined` for every job. */
  readonly jobIds: readonly string[] | undefined;
}

export interface Person {
  /** Whether this question may be shown: not one that was declined. */
  mayBeAsked(opened: OpenedQuestion): boolean;
  /**
   * Shows the questions that are not shown yet.
   *
   * @returns a verdict for each that is asked.
   * @throws {InputRequired} where the host has to ask and to call again with the answers.
   */
  ask(questions: readonly OpenedQuestion[], options: AskOptions): readonly Promise<Verdict>[];
}

/** Ends a call: the host asks its person, and makes the call again with what was answered. */
export class InputRequired extends Error {
  override readonly name = "InputRequired";

  /** @param result of the call, as revision 2026-07-28 has it. */
  constructor(readonly result: Readonly<Record<string, unknown>>) {
    super("The host's person is to be asked");
  }
}

/** Whether a host can show a form to a person, by what it has declared. */
export function canAskAPerson(capabilities: Readonly<Record<string, unknown>> | undefined): boolean {
  const elicitation = capabilities?.elicitation;
  if (!isRecord(elicitation)) return false;
  // A host that declares nothing in particular means forms.
  return isRecord(elicitation.form) || elicitation.url === undefined;
}
