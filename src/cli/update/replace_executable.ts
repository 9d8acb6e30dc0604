/**
 * Room `cli`: puts one executable in the place of another. Rule of this file: whatever goes wrong, at the path there is
 * the whole old one or the whole new one.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { ifExists, removeIfExists } from "../../system/files/files.ts";
import { CommandError } from "../entry/exit_code.ts";

/** Prefix of unfinished downloads. They lie beside the executable, since only there a rename is one step. */
const DRAFT_PREFIX = ".agent-async-update-";

/** Prefix of the directories in which `install.sh` has its unfinished downloads. */
const INSTALL_PREFIX = ".agent-async-install.";

/** Age in ms at which a download counts as left by a killed update. `install.sh` waits as long. */
const ABANDONED_MS = 86_400_000;

/** The permission bits that a program needs. */
const EXECUTABLE_MODE = 0o755;

/**
 * A new file beside `path`, for the download. Clears away what killed updates left there.
 * @throws CommandError when nothing can be written there.
 */
export function createDraft(path: string): { path: string; file: Deno.FsFile } {
  const directory = dirname(path);
  const suffix = path.endsWith(".exe") ? ".exe" : "";
  const draft = join(directory, `${DRAFT_PREFIX}${crypto.randomUUID()}${suffix}`);
  try {
    removeDrafts(directory, { olderThanMs: ABANDONED_MS });
    return { path: draft, file: Deno.openSync(draft, { write: true, createNew: true, mode: 0o700 }) };
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied) && !isReadOnly(error)) throw error;
    throw new CommandError(`Cannot replace ${path}: nothing can be written in ${directory}`, {
      hint: "Run the update as the user who installed it there, or install your own with install.sh.",
      cause: error,
    });
  }
}

/** Renames the draft to `path`, with the permissions of what was there. The running program goes on as it is. */
export function replaceExecutable(draft: string, path: string, os: string = Deno.build.os): void {
  if (os !== "windows") {
    const mode = ifExists(() => Deno.statSync(path).mode);
    Deno.chmodSync(draft, ((mode ?? EXECUTABLE_MODE) & 0o7777) | 0o100);
    Deno.renameSync(draft, path);
    return;
  }
  // Windows does not let go of a running executable, but it may be renamed.
  const old = retire(path);
  try {
    Deno.renameSync(draft, path);
  } catch (error) {
    if (old !== null) Deno.renameSync(old, path);
    throw error;
  }
}

/** Moves a running executable out of the way on Windows; `null` when there is none. */
export function retire(path: string): string | null {
  const old = `${path}.old`;
  try {
    removeIfExists(old);
  } catch {
    // The one before is still running: this update has to wait.
    throw new CommandError(`Cannot replace ${path}: ${basename(old)} is still in use`, {
      hint: "End the older sessions of agent-async (agent-async daemon stop), then try again.",
    });
  }
  return ifExists(() => {
    Deno.renameSync(path, old);
    return old;
  });
}

/** Clears away what killed updates and installations left in `directory`. */
export function removeDrafts(directory: string, { olderThanMs }: { olderThanMs: number }): void {
  for (const { name } of [...Deno.readDirSync(directory)]) {
    if (!name.startsWith(DRAFT_PREFIX) && !name.startsWith(INSTALL_PREFIX)) continue;
    const path = join(directory, name);
    const age = ifExists(() => Date.now() - (Deno.lstatSync(path).mtime?.getTime() ?? 0));
    if (age !== null && age >= olderThanMs) ifExists(() => Deno.removeSync(path, { recursive: true }));
  }
}

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && /os error 30\b|read-only/i.test(error.message);
}
