/**
 * Room `cli`: deletes the state directory. Rule of this file: `AGENT_ASYNC_HOME` may name a directory in which other
 * things lie as well, so only what this program writes is deleted there.
 *
 * @module
 */
import { basename, join } from "node:path";
import { statePaths } from "../../config/state_paths.ts";
import { messageOf } from "../../domain/errors.ts";
import { ifExists } from "../../system/files/files.ts";
import { CommandError } from "../entry/exit_code.ts";

/** A directory of this name was made by this program and is all its own. */
const OWN_NAME = ".agent-async";

/** What this program writes into a state directory; backups, locks and logs of a file begin with its name. */
const OWN_NAMES =
  /^(?:jobs|exits|environments|places|snapshots|patches|person\.seen|(?:daemon|on_finish|on_question)\.\w+.*|(?:queue\.db|queue\.ledger|config\.json|config\.last\.json)(?:[.-].*)?)$/;

/**
 * Number of jobs in the state directory, by their directories; 0 when it does not exist. Starts no daemon.
 * @throws CommandError when the directory cannot be read: with 0 instead, jobs would be deleted without asking.
 */
export function countJobs(home: string): number {
  const entries = readIfExists(statePaths(home).jobsDirectory);
  return entries.filter(({ name, isDirectory }) => isDirectory && !name.startsWith(".")).length;
}

/** Number of patches: changes that nobody has taken over, of jobs that were removed. */
export function countPatches(home: string): number {
  return readIfExists(join(home, "patches")).filter(({ name }) => /^[^.].*\.patch$/.test(name)).length;
}

function readIfExists(directory: string): readonly Deno.DirEntry[] {
  try {
    return ifExists(() => [...Deno.readDirSync(directory)]) ?? [];
  } catch (error) {
    throw new CommandError(`Cannot look for jobs in ${directory}: ${messageOf(error)}`, {
      hint: "Mend that, or set AGENT_ASYNC_HOME to the state directory that is meant.",
      cause: error,
    });
  }
}

export interface Removal {
  /** Whether the state directory existed. */
  readonly isRemoved: boolean;
  /** Names in the state directory that are not ours. When there are any, it stays. */
  readonly foreign: readonly string[];
}

export function removeStateDirectory(home: string): Removal {
  const info = ifExists(() => Deno.lstatSync(home));
  if (info === null) return { isRemoved: false, foreign: [] };
  if (info.isDirectory && basename(home) === OWN_NAME) {
    Deno.removeSync(home, { recursive: true });
    return { isRemoved: true, foreign: [] };
  }
  const foreign: string[] = [];
  for (const { name } of [...Deno.readDirSync(home)]) {
    if (isOwn(name)) Deno.removeSync(join(home, name), { recursive: true });
    else foreign.push(name);
  }
  if (foreign.length === 0) Deno.removeSync(home);
  return { isRemoved: true, foreign: foreign.sort() };
}

function isOwn(name: string): boolean {
  // Drafts of ours are hidden: `.config.json.<uuid>.tmp`.
  const bare = name.endsWith(".tmp") ? name.replace(/^\./, "") : name;
  return OWN_NAMES.test(bare);
}
