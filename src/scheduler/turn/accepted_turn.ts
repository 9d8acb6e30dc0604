/**
 * Room `scheduler`: the file of an accepted turn: its request, prompt and environment. The file is synced to disk
 * before the caller gets an answer. The store keeps its seal, which is its length and SHA-256. Rule of this file: an
 * agent is only ever started on exactly what was accepted, even if a power cut or another program has changed the
 * files.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import * as z from "zod";
import type { Job } from "../../domain/job/job.ts";
import { opened } from "../../domain/reading/opened.ts";
import { type Failure, TurnRequest } from "../../domain/turn/turn.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import { ifOurs, remakeDirectory, removeIfExists, writeDurably } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import { partProblem } from "./foreign_part.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

const Environment = z.record(z.string(), z.string());

const AcceptedTurn = z.object({ request: TurnRequest, prompt: z.string(), env: Environment });

/** What a turn begins with. The environment may hold API keys, so its file is removed when the turn has ended. */
export interface NewTurn {
  request: TurnRequest;
  prompt: string;
  env: Readonly<Record<string, string>>;
}

/**
 * Writes the file of a turn, durably. It is the turn's first file, and as long as it exists the turn needs an end. It
 * is not written under another name and renamed: half a file after a crash was never accepted, and a rename would need
 * a second sync, of the directory. The file is there when this returns. The sync is asynchronous, so that the disk can
 * take the files of many starts at once.
 *
 * @throws Error of the file system; nothing is left behind then. A rejection, of the sync, leaves the file: it leads to
 * what else was written of the turn meanwhile
 * @returns the seal of the file, for the store
 */
export function writeAccepted(turn: TurnDirectory, { request, prompt, env }: NewTurn): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify({ request, prompt, env }));
  let synced: Promise<void>;
  try {
    synced = beginToWrite(turn.envFile, bytes);
  } catch (error) {
    ifOurs(() => removeIfExists(turn.envFile));
    throw error;
  }
  const seal = sealOf(bytes);
  return synced.then(() => seal);
}

/** The file is there when this returns, and synced when the promise resolves. */
function beginToWrite(path: string, bytes: Uint8Array): Promise<void> {
  try {
    return writeDurably(path, bytes);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) remakeDirectory(dirname(path));
    // Left by a turn of the same number that was never accepted.
    else if (error instanceof Deno.errors.AlreadyExists) removeIfExists(path);
    else throw error;
    return writeDurably(path, bytes);
  }
}

/** The host's environment for a turn that has not ended; `null` when its file is gone or cannot be read. */
export function readEnvironment(turn: TurnDirectory): Record<string, string> | null {
  const text = readTextIfOurs(turn.envFile);
  if (text === null) return null;
  return acceptedIn(text)?.env ?? Environment.safeParse(parsedJson(text)).data ?? null;
}

/** The request in the accepted file, for when its copy in the turn's directory cannot be read. */
export function readAcceptedRequest(turn: TurnDirectory): TurnRequest | null {
  return acceptedIn(readTextIfOurs(turn.envFile) ?? "")?.request ?? null;
}

export type Accepted = { ok: true; turn: NewTurn } | { ok: false; failure: Failure };

/**
 * Reads what was accepted of the job's present turn and checks it against the seal in the job's record.
 *
 * @param copies the request and the prompt in the turn's directory, for a turn that version 0.1.0 accepted
 */
export function readAccepted(
  job: Job,
  directory: JobDirectory,
  copies: { request: TurnRequest | null; prompt: string },
): Accepted {
  const turn = directory.turn(job.turn);
  const foreign = partProblem(turn.envFile, "file");
  if (foreign !== null) return notAccepted(`its file ${foreign.path} ${foreign.problem}`);
  const bytes = ifOurs(() => Deno.readFileSync(turn.envFile));
  if (bytes === null) return notAccepted(`its file ${turn.envFile} is gone`);
  const seal = job.seals?.[String(job.turn)];
  if (seal !== undefined && sealOf(bytes) !== seal) {
    const accepted = Number.parseInt(seal, 10);
    const now = bytes.length === accepted ? "other content" : `${bytes.length} bytes of ${accepted}`;
    return notAccepted(`its file ${turn.envFile} has ${now}`);
  }
  const text = new TextDecoder().decode(bytes);
  const accepted = acceptedIn(text);
  if (accepted !== null) return { ok: true, turn: accepted };
  // Version 0.1.0 kept only the environment in this file, and no seal of the rest.
  const env = Environment.safeParse(parsedJson(text)).data;
  const { request, prompt } = copies;
  if (env === undefined || request === null) {
    return notAccepted("its request or its environment cannot be read");
  }
  if (prompt.replace(/[\s\0]+/g, "") === "") return notAccepted("its prompt is empty");
  return { ok: true, turn: { request, prompt, env } };
}

function notAccepted(how: string): Accepted {
  return {
    ok: false,
    failure: {
      reason: "spawn_failed",
      message: `Nothing was run: what this turn was asked is not there any more as it was accepted; ${how}`,
      hint: "A loss of power, a fault of the disk or another program has changed it. Ask the same again.",
      retry_at: null,
    },
  };
}

function sealOf(bytes: Uint8Array): string {
  return `${bytes.length}:${createHash("sha256").update(bytes).digest("hex")}`;
}

function acceptedIn(text: string): NewTurn | null {
  return opened(AcceptedTurn).safeParse(parsedJson(text)).data ?? null;
}
