/**
 * Room `domain`: the check of a job, a command of the user's that is run on the agent's work. Its exit code decides
 * whether the job is done.
 *
 * @module
 */
import * as z from "zod";

/** How often a failing check goes back to the agent, unless the start says otherwise. */
export const DEFAULT_CHECK_ATTEMPTS = 2;

/** Most times that a failing check may go back to the agent. */
export const MAX_CHECK_ATTEMPTS = 10;

/** The check as it was when the job was accepted: later changes of the configuration do not touch it. */
export const JobCheck = z.object({
  /** Its name in the configuration; absent for a command that the caller gave. */
  name: z.string().optional(),
  /** A command line for the system's shell. */
  command: z.string(),
  /** The agent in whose sandbox it runs; absent for none. */
  sandbox: z.string().optional(),
  /** How often its output may go back to the agent. */
  attempts: z.number().int().nonnegative(),
});
export type JobCheck = z.infer<typeof JobCheck>;

/** What became of the check after a turn. */
export const CheckEvidence = z.object({
  command: z.string(),
  /** `null` when it did not end by itself. */
  exit_code: z.number().int().nullable(),
  /** Of its last run. */
  seconds: z.number(),
  /** How often it was run since the caller's prompt: 1, and one more for each repair. */
  attempts: z.number().int().positive(),
});
export type CheckEvidence = z.infer<typeof CheckEvidence>;

/** What the agent is asked when its work fails the check. @param tail the end of what the check printed */
export function repairPrompt(
  { command, exitCode, tail }: { command: string; exitCode: number; tail: string },
): string {
  const said = tail.trim() === ""
    ? "It printed nothing."
    : `The end of what it printed:\n\n${tail.trimEnd()}`;
  return `Your work was checked with this command, which failed with exit code ${exitCode}:\n\n${command}\n\n` +
    `${said}\n\nFind the cause, mend it, and make sure that the command passes.`;
}
