/**
 * Room `scheduler`: what a turn keeps on disk besides its output: the request, the prompt, the outcome. A turn's files are written before the store learns of it, so that what is accepted can be run.
 *
 * @module
 */
import type * as z from "zod";
import type { Job } from "../../domain/job/job.ts";
import { LaunchRecord } from "../../domain/turn/launch_record.ts";
import { opened } from "../../domain/reading/opened.ts";
import { TurnOutcome, TurnRequest } from "../../domain/turn/turn.ts";
import { UNKNOWN_USAGE } from "../../domain/turn/usage.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import {
  type Accepted,
  type NewTurn,
  readAccepted,
  readAcceptedRequest,
  writeAccepted,
} from "./accepted_turn.ts";
import {
  ifExists,
  ifOurs,
  PRIVATE_FILE_MODE,
  readTextIfExists,
  readTextIfOurs,
  removeIfExists,
  removeTree,
  writeAtomically,
  writeNew,
} from "../../system/files/files.ts";

/** Writes all that a turn begins with. Throws what the file system says. @returns the seal of what is accepted */
export async function writeTurn(directory: JobDirectory, turn: NewTurn): Promise<string> {
  const seal = await writeAccepted(directory.turn(turn.request.turn), turn);
  writeTurnDirectory(directory, turn);
  return seal;
}

/**
 * Writes a turn's directory, after its environment. One of the same number that was never accepted (the daemon died in
 * between) is replaced: nothing ever ran in it. Its files need not appear whole: until the store has accepted the turn
 * nobody reads them.
 */
export function writeTurnDirectory(directory: JobDirectory, { request, prompt }: Omit<NewTurn, "env">): void {
  const files = directory.turn(request.turn);
  try {
    files.create();
  } catch {
    ifExists(() => Deno.removeSync(files.path, { recursive: true }));
    directory.remake();
    files.create();
  }
  writeNew(files.promptFile, prompt);
  writeNew(files.requestFile, JSON.stringify(request));
}

/** What the job's present turn was accepted with; its directory is made whole with it where a crash has taken of it. */
export function acceptedTurn(job: Job, directory: JobDirectory): Accepted {
  const turn = directory.turn(job.turn);
  const copy = readJson(turn.requestFile, TurnRequest);
  const accepted = readAccepted(job, directory, { request: copy, prompt: readAsked(turn) });
  if (accepted.ok && JSON.stringify(copy) !== JSON.stringify(accepted.turn.request)) {
    writeTurnDirectory(directory, accepted.turn);
  }
  return accepted;
}

export function readRequest(turn: TurnDirectory): TurnRequest | null {
  return readJson(turn.requestFile, TurnRequest) ?? readAcceptedRequest(turn);
}

/**
 * Written before the agent is started, over that of an attempt which started none: half of it would be read by nobody.
 */
export function writeLaunch(turn: TurnDirectory, record: LaunchRecord): void {
  Deno.writeTextFileSync(turn.launchFile, JSON.stringify(record), { mode: PRIVATE_FILE_MODE });
}

/** `null` for a turn that was not launched, or by a daemon that kept no such record. */
export function readLaunch(turn: TurnDirectory): LaunchRecord | null {
  return readJson(turn.launchFile, LaunchRecord);
}

export function readOutcome(turn: TurnDirectory): TurnOutcome | null {
  const outcome = readJson(turn.outcomeFile, TurnOutcome);
  return outcome === null ? null : withUnknowns(outcome);
}

/** Version 0.1.0 wrote 0 for the usage of a turn that had not told any. */
function withUnknowns(outcome: TurnOutcome): TurnOutcome {
  const { own, started_at, totals } = outcome;
  return own === undefined && started_at !== null && totals.usage.total_tokens === 0
    ? { ...outcome, totals: { ...totals, usage: UNKNOWN_USAGE } }
    : outcome;
}

/**
 * The outcome of the turn that ran before the job's present one, `null` for the first. A turn that was cancelled before
 * it ran has none: then it is the one before that, whichever that was.
 */
export function readPreviousOutcome(directory: JobDirectory, job: Job): TurnOutcome | null {
  if (job.previous_turn === null) return null;
  const named = readOutcome(directory.turn(job.previous_turn));
  if (named !== null) return named;
  return directory.turns().filter((turn) => turn !== job.turn)
    .flatMap((turn) => readOutcome(directory.turn(turn)) ?? [])
    .sort((a, b) => a.finished_at - b.finished_at || a.turn - b.turn).at(-1) ?? null;
}

/** Does nothing where the turn's directory has been taken away: the store has the verdict all the same. */
export function writeOutcome(turn: TurnDirectory, outcome: TurnOutcome): void {
  ifOurs(() => writeOnce(turn.outcomeFile, JSON.stringify(outcome)));
}

/**
 * Writes a file of which half says nothing to its readers. Only one that takes the place of another has to be put there
 * whole.
 */
function writeOnce(path: string, text: string): void {
  try {
    writeNew(path, text);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return writeAtomically(path, text);
    removeIfExists(path);
    throw error;
  }
}

/** By what it was known that a process which stayed had done its work. */
export type GraceEnd = "last_word" | "report";

/** Remembers that the process was ended only because it stayed after its work was done. */
export function markGraceEnded(turn: TurnDirectory, after: GraceEnd): void {
  ifOurs(() => writeAtomically(graceFile(turn), after));
}

export function graceEndOf(turn: TurnDirectory): GraceEnd | null {
  const text = readTextIfOurs(graceFile(turn));
  // Version 0.1.0 knew the last word alone, and wrote nothing into the file.
  return text === null ? null : text === "report" ? "report" : "last_word";
}

/** What this turn was asked, before rules or an earlier conversation were put around it. */
export function readAsked(turn: TurnDirectory): string {
  return readTextIfExists(askedFile(turn)) ?? readTextIfExists(turn.promptFile) ?? "";
}

/** Makes `prompt` what the agent reads, keeping what was asked beside it where that is something else. */
export function wrapPrompt(turn: TurnDirectory, asked: string, prompt: string): void {
  if (prompt !== asked) writeUnlessSo(askedFile(turn), asked);
  writeUnlessSo(turn.promptFile, prompt);
}

function writeUnlessSo(path: string, text: string): void {
  if (readTextIfOurs(path) !== text) writeAtomically(path, text);
}

/** The project's rules as this turn found them. */
export function readRules(turn: TurnDirectory): string {
  return readTextIfOurs(rulesFile(turn)) ?? "";
}

export function writeRules(turn: TurnDirectory, rules: string): void {
  if (rules !== "") writeAtomically(rulesFile(turn), rules);
}

/** Takes a turn's directory away. */
export async function removeTurn(turn: TurnDirectory): Promise<void> {
  await removeTree(turn.path);
}

export function removeEnvironment(turn: TurnDirectory): void {
  removeIfExists(turn.envFile);
}

function graceFile(turn: TurnDirectory): string {
  return `${turn.path}/grace`;
}

function rulesFile(turn: TurnDirectory): string {
  return `${turn.path}/rules.md`;
}

function askedFile(turn: TurnDirectory): string {
  return `${turn.path}/asked.md`;
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  const text = readTextIfOurs(path);
  if (text === null) return null;
  try {
    return opened(schema).parse(JSON.parse(text));
  } catch {
    return null;
  }
}
