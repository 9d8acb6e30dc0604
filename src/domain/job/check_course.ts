/**
 * Room `domain`: how the check of a prompt's work went, over the turns that it took.
 *
 * @module
 */
import * as z from "zod";
import type { TurnOutcome } from "../turn/turn.ts";

/** `first`: it passed at once. `repaired`: after the agent had mended its work. `never`: it did not pass. */
export const CheckCourse = z.enum(["first", "repaired", "never"]);
export type CheckCourse = z.infer<typeof CheckCourse>;

type Checked = Pick<TurnOutcome, "check" | "repair_prompt" | "is_form_repair">;

/**
 * For each turn of a job, in order, the course of the check that it settled; `undefined` for every other turn. A check
 * that failed is settled by the next turn, unless that comes to no check.
 */
export function checkCourses(turns: readonly Checked[]): (CheckCourse | undefined)[] {
  return turns.map(({ check, repair_prompt, is_form_repair }, index) => {
    if (check === undefined) return undefined;
    const isSettledLater = repair_prompt !== undefined && turns[index + 1]?.check !== undefined;
    if (check.exit_code !== 0) return isSettledLater ? undefined : "never";
    // Another form of the answer was asked for: its turn runs the check again.
    if (is_form_repair === true && isSettledLater) return undefined;
    return check.attempts === 1 ? "first" : "repaired";
  });
}
