/**
 * Room `kernel`: one agent process from launch to exit record. Rule of the room: it knows no agent by name.
 * Here: where the state directory keeps what belongs to jobs.
 *
 * @module
 */
import { join } from "node:path";
import { JobId } from "../domain/job/ids.ts";
import { JOB_ID_FORM } from "../domain/job/job_id_form.ts";
import {
  ensurePrivateDirectory,
  ifExists,
  readTextIfOurs,
  remakeDirectory,
  removeIfExists,
  removeTree,
  writeNew,
} from "../system/files/files.ts";
import { JobDirectory } from "./job_directory.ts";
import { ShellWrapper } from "./wrapper/shell_wrapper.ts";
import type { TurnWrapper } from "./wrapper/turn_wrapper.ts";

export { JobDirectory } from "./job_directory.ts";
export { TurnDirectory } from "./turn_directory.ts";

/** Jobs whose directory is being removed: a crash in the middle must not leave something that looks like a job. */
const REMOVED_PREFIX = ".removed-";

export class JobDirectories {
  readonly #jobsPath: string;
  /** Ids of jobs whose records are about to be removed. */
  readonly #removalsFile: string;
  /** Where the wrappers of all jobs put their exit records, so that one watcher sees them all. */
  readonly exitsPath: string;
  /** Where the hosts' environments are until their turns have ended: what a crash forgets is found at a glance. */
  readonly environmentsPath: string;

  readonly #wrapper: TurnWrapper;

  /**
   * @param home the state directory, absolute
   * @param options.wrapper who runs the turns; a shell unless given
   */
  constructor(readonly home: string, options: { wrapper?: TurnWrapper } = {}) {
    this.#wrapper = options.wrapper ?? new ShellWrapper();
    this.#jobsPath = join(home, "jobs");
    this.#removalsFile = join(this.#jobsPath, ".removals");
    this.exitsPath = join(home, "exits");
    this.environmentsPath = join(home, "environments");
  }

  /**
   * Creates what is missing, private to this user.
   *
   * @throws Error when a directory is a symbolic link or belongs to somebody else
   */
  prepare(): void {
    for (const path of [this.home, this.#jobsPath, this.exitsPath, this.environmentsPath]) {
      ensurePrivateDirectory(path);
    }
  }

  /** Makes the directory of exit records again, unless the others are gone as well: then somebody wants them to be. */
  remakeExits(): void {
    const isWanted = [this.#jobsPath, this.environmentsPath].every((path) =>
      ifExists(() => Deno.lstatSync(path)) !== null
    );
    if (isWanted) remakeDirectory(this.exitsPath);
  }

  /**
   * Remembers whose records are about to be removed: after a crash nothing else leads to their directories. Does not
   * throw: on a full disk it is removing that helps, and without the note a crash leaves only space behind.
   */
  noteRemovals(ids: readonly string[]): void {
    unlessItFails(() => {
      // Not under another name first, which a crash would leave: half of an id is none.
      removeIfExists(this.#removalsFile);
      writeNew(this.#removalsFile, ids.join("\n"));
    });
  }

  /** Ids of the last {@link noteRemovals}, until they are forgotten. */
  notedRemovals(): string[] {
    const text = readTextIfOurs(this.#removalsFile) ?? "";
    return text.split("\n").filter((id) => JobId.safeParse(id).success);
  }

  /** Does not throw: ids that stay are looked at in vain by the next daemon. */
  forgetRemovals(): void {
    unlessItFails(() => removeIfExists(this.#removalsFile));
  }

  /**
   * Finishes removals that a crash interrupted, until the signal fires. Never rejects.
   *
   * @param onFailure hears of what cannot be removed now
   */
  async finishRemovals(
    signal: AbortSignal,
    onFailure: (path: string, error: unknown) => void,
  ): Promise<void> {
    try {
      for await (const { name } of Deno.readDir(this.#jobsPath)) {
        if (signal.aborted) return;
        const path = join(this.#jobsPath, name);
        if (name.startsWith(REMOVED_PREFIX)) await removeTree(path).catch((error) => onFailure(path, error));
      }
    } catch (error) {
      onFailure(this.#jobsPath, error);
    }
  }

  /**
   * The directory of a job, whether it exists or not.
   *
   * @throws TypeError for what is not a job id: it could name a path outside
   */
  job(id: string): JobDirectory {
    if (!JobId.safeParse(id).success) {
      throw new TypeError(`Cannot name a job's directory: ${JSON.stringify(id)} is not a job id`);
    }
    return new JobDirectory({
      id,
      path: join(this.#jobsPath, id),
      exitsPath: this.exitsPath,
      environmentsPath: this.environmentsPath,
      removedPath: join(this.#jobsPath, `${REMOVED_PREFIX}${id}`),
      wrapper: this.#wrapper,
    });
  }

  /** Ids of the jobs that have a directory, in no order. */
  ids(): string[] {
    const ids: string[] = [];
    ifExists(() => {
      for (const { name, isDirectory } of Deno.readDirSync(this.#jobsPath)) {
        if (isDirectory && JOB_ID_FORM.test(name)) ids.push(name);
      }
    });
    return ids;
  }

  /** Whose a file in `exits/` or `environments/` is, by its name; `null` for one under a temporary name. */
  static readExitName(name: string): { jobId: string; turn: number } | null {
    const [jobId = "", turn = "", ...rest] = name.split(".");
    if (rest.length > 0 || !/^[1-9]\d*$/.test(turn) || !JobId.safeParse(jobId).success) return null;
    return { jobId, turn: Number(turn) };
  }

  /** Removes exit records of jobs that have no directory any more. */
  removeStrayExits(): void {
    for (const entry of ifExists(() => [...Deno.readDirSync(this.exitsPath)]) ?? []) {
      const id = entry.name.split(".", 1)[0] ?? "";
      if (JobId.safeParse(id).success && ifExists(() => Deno.lstatSync(join(this.#jobsPath, id))) === null) {
        removeIfExists(join(this.exitsPath, entry.name));
      }
    }
  }
}

function unlessItFails(act: () => void): void {
  try {
    act();
  } catch {
    // As it is said where it is used.
  }
}
