/**
 * Room `scheduler`: the files of a turn besides its output, such as its request, prompt and outcome. Rule of this file:
 * a turn's files are written before the store learns of the turn, so that whatever is accepted can be run.
 *
 * @module
 */
import { join } from "node:path";
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
  ensurePrivateDirectory,
  ifExists,
  ifOurs,
  PRIVATE_DIRECTORY_MODE,
  PRIVATE_FILE_MODE,
  readTextIfExists,
  removeIfExists,
  writeAtomically,
  writeNew,
} from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import { removeLater, removeTree } from "../../system/files/removal.ts";

/**
 * Writes the files that a turn begins with. The accepted file is made first: from then on a daemon that dies leaves a
 * trace of a turn that it never accepted. The others are written while that one is synced.
 *
 * @param options.isFirst whether the job's own directory is to be made, too
 * @throws Error of the file system. Nothing is being written then; the caller takes back what was
 * @returns the accepted file's seal
 */
export async function writeTurn(
  directory: JobDirectory,
  turn: NewTurn,
  { isFirst = false }: { isFirst?: boolean } = {},
): Promise<string> {
  const sealed = writeAccepted(directory.turn(turn.request.turn), turn);
  const written = Promise.try(() => {
    if (isFirst) directory.create();
    writeTurnDirectory(directory, turn);
  });
  await Promise.allSettled([sealed, written]);
  await written;
  return await sealed;
}

/**
 * Writes a turn's directory; the accepted file must be there already. Replaces a directory of the same number, which a
 * daemon left that died before the turn was accepted: nothing ever ran in it. The files are not written atomically,
 * since nobody reads them before the store has accepted the turn.
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

/** What the job's present turn was accepted with. Writes its directory again when a crash has damaged that. */
export function acceptedTurn(job: Job, directory: JobDirectory): Accepted {
  const { accepted, isWhole } = readTurn(job, directory);
  if (accepted.ok && !isWhole) writeTurnDirectory(directory, accepted.turn);
  return accepted;
}

/** As {@link acceptedTurn}, and whether its directory is as it was written. Writes nothing. */
export function readTurn(job: Job, directory: JobDirectory): { accepted: Accepted; isWhole: boolean } {
  const turn = directory.turn(job.turn);
  const copy = readJson(turn.requestFile, TurnRequest);
  const accepted = readAccepted(job, directory, { request: copy, prompt: readAsked(turn) });
  const isWhole = accepted.ok && JSON.stringify(copy) === JSON.stringify(accepted.turn.request);
  return { accepted, isWhole };
}

export function readRequest(turn: TurnDirectory): TurnRequest | null {
  return readJson(turn.requestFile, TurnRequest) ?? readAcceptedRequest(turn);
}

/**
 * To be called before the agent is started. Overwrites the record of an attempt that started no agent. Not atomic: half
 * a record means that no agent was started, and then nobody reads it.
 */
export function writeLaunch(turn: TurnDirectory, record: LaunchRecord): void {
  Deno.writeTextFileSync(turn.launchFile, JSON.stringify(record), { mode: PRIVATE_FILE_MODE });
}

/** `null` when the turn was not launched, or by a daemon too old to keep this record. */
export function readLaunch(turn: TurnDirectory): LaunchRecord | null {
  return readJson(turn.launchFile, LaunchRecord);
}

export function readOutcome(turn: TurnDirectory): TurnOutcome | null {
  const outcome = readJson(turn.outcomeFile, TurnOutcome);
  return outcome === null ? null : withUnknowns(outcome);
}

/** Version 0.1.0 wrote 0 where an agent had reported no usage: makes that unknown. */
function withUnknowns(outcome: TurnOutcome): TurnOutcome {
  const { own, started_at, totals } = outcome;
  return own === undefined && started_at !== null && totals.usage.total_tokens === 0
    ? { ...outcome, totals: { ...totals, usage: UNKNOWN_USAGE } }
    : outcome;
}

/**
 * The outcome of the turn that ran before the job's present one; `null` when there is none. The turn that the record
 * names has none when it was cancelled before it ran: then the newest other outcome counts.
 */
export function readPreviousOutcome(
  directory: JobDirectory,
  job: Pick<Job, "turn" | "previous_turn">,
): TurnOutcome | null {
  if (job.previous_turn === null) return null;
  const named = readOutcome(directory.turn(job.previous_turn));
  if (named !== null) return named;
  return directory.turns().filter((turn) => turn !== job.turn)
    .flatMap((turn) => readOutcome(directory.turn(turn)) ?? [])
    .sort((a, b) => a.finished_at - b.finished_at || a.turn - b.turn).at(-1) ?? null;
}

/** Does nothing when the turn's directory has been removed: the store keeps the verdict anyway. */
export function writeOutcome(turn: TurnDirectory, outcome: TurnOutcome): void {
  ifOurs(() => writeOnce(turn.outcomeFile, JSON.stringify(outcome)));
}

/**
 * Writes a file whose readers ignore it when it is incomplete. So a new file is written in place, and only the
 * replacement of an existing one has to be atomic.
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

/** How it was known that a process had done its work, when it was ended for staying after that. */
export type GraceEnd = "last_word" | "report";

/** Records that the process was ended only because it stayed after its work was done. */
export function markGraceEnded(turn: TurnDirectory, after: GraceEnd): void {
  ifOurs(() => writeAtomically(graceFile(turn), after));
}

export function graceEndOf(turn: TurnDirectory): GraceEnd | null {
  const text = readTextIfOurs(graceFile(turn));
  // Version 0.1.0 wrote an empty file, and only after a last word.
  return text === null ? null : text === "report" ? "report" : "last_word";
}

/** The prompt as the caller wrote it, without rules or a replayed conversation; "" when it is missing. */
export function readAsked(turn: TurnDirectory): string {
  return readTextIfExists(askedFile(turn)) ?? readTextIfExists(turn.promptFile) ?? "";
}

/** Writes `prompt` as what the agent reads, and keeps `asked` in a file of its own when it differs. */
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

/** Removes a turn's directory with all that is in it. */
export async function removeTurn(turn: TurnDirectory): Promise<void> {
  await removeTree(turn.path);
}

export async function removeEnvironment(turn: TurnDirectory): Promise<void> {
  await removeLater(turn.envFile);
}

function graceFile(turn: TurnDirectory): string {
  return join(turn.path, "grace");
}

function rulesFile(turn: TurnDirectory): string {
  return join(turn.path, "rules.md");
}

function askedFile(turn: TurnDirectory): string {
  return join(turn.path, "asked.md");
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

/** The private directory of the turn's scratch files. Removes what an agent has put in its place, which would block every launch. */
export function makeScratch({ scratchPath: path }: TurnDirectory): void {
  if (makesDirectory(path)) return;
  const info = ifExists(() => Deno.lstatSync(path));
  const uid = Deno.build.os === "windows" ? null : Deno.uid();
  // Removing another user's entry works, since the directory around it is ours.
  const isForeign = info !== null && uid !== null && info.uid !== null && info.uid !== uid;
  if (isForeign || info?.isDirectory === false) Deno.removeSync(path, { recursive: true });
  ensurePrivateDirectory(path);
}

/** Makes a private directory where nothing is. @returns whether it did */
function makesDirectory(path: string): boolean {
  try {
    Deno.mkdirSync(path, { mode: PRIVATE_DIRECTORY_MODE });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}
