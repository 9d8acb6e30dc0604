/**
 * Room `kernel`: one agent process from launch to exit record. Rule of the room: it knows no agent by name.
 * This file: the layout of the state directory: `jobs/<id>/`, `exits/` and `environments/`.
 *
 * @module
 */
import { join } from "node:path";
import { JobId } from "../domain/job/ids.ts";
import { JOB_ID_FORM } from "../domain/job/job_id_form.ts";
import {
  ensurePrivateDirectory,
  ifExists,
  ifOurs,
  remakeDirectory,
  removeIfExists,
  writeNew,
} from "../system/files/files.ts";
import { readTextIfOurs } from "../system/files/is_there.ts";
import { removeTree } from "../system/files/removal.ts";
import { JobDirectory } from "./job_directory.ts";
import { ShellWrapper } from "./wrapper/shell_wrapper.ts";
import type { TurnWrapper } from "./wrapper/turn_wrapper.ts";

export { JobDirectory } from "./job_directory.ts";
export { TurnDirectory } from "./turn_directory.ts";

/**
 * A job's directory is renamed to this prefix and its id before it is removed: a removal that a crash interrupts must
 * not leave half a directory that looks like a job.
 */
const REMOVED_PREFIX = ".removed-";

/** The directories of all jobs of one state directory. Making one touches no file; call `prepare` before use. */
export class JobDirectories {
  readonly #jobsPath: string;
  /** Lists the ids of jobs whose store records are about to be removed, one a line. */
  readonly #removalsFile: string;
  /** The directory `exits/`: wrappers of all jobs write their exit records there, so that one watcher sees them all. */
  readonly exitsPath: string;
  /**
   * The directory `environments/`: for each turn that has not ended, the environment that its host sent. It may hold
   * keys. All are in one directory, so that those that a crash leaves behind are found without a search.
   */
  readonly environmentsPath: string;

  readonly #wrapper: TurnWrapper;

  /**
   * @param home the state directory, absolute
   * @param options.wrapper runs the turns; default a {@link ShellWrapper}
   */
  constructor(readonly home: string, options: { wrapper?: TurnWrapper } = {}) {
    this.#wrapper = options.wrapper ?? new ShellWrapper();
    this.#jobsPath = join(home, "jobs");
    this.#removalsFile = join(this.#jobsPath, ".removals");
    this.exitsPath = join(home, "exits");
    this.environmentsPath = join(home, "environments");
  }

  /**
   * Creates the missing ones of the state directory, `jobs/`, `exits/` and `environments/`, with mode 0700.
   *
   * @throws Error when a directory is a symbolic link or belongs to another user
   */
  prepare(): void {
    for (const path of [this.home, this.#jobsPath, this.exitsPath, this.environmentsPath]) {
      ensurePrivateDirectory(path);
    }
  }

  /**
   * Makes `exits/` again after an agent has removed it. Does nothing when `jobs/` or `environments/` is missing too:
   * then somebody is removing the whole state directory.
   */
  remakeExits(): void {
    const isWanted = [this.#jobsPath, this.environmentsPath].every((path) =>
      ifExists(() => Deno.lstatSync(path)) !== null
    );
    if (isWanted) remakeDirectory(this.exitsPath);
  }

  /**
   * Writes down the ids of the jobs whose store records are about to be removed. After a crash nothing else leads to
   * their directories. Replaces the last note. Does not throw: on a full disk the removal itself is what helps, and a
   * crash without the note only leaves directories that nobody uses.
   */
  noteRemovals(ids: readonly string[]): void {
    unlessItFails(() => {
      // No temporary file and rename: a crash would leave the temporary file. A half-written id is not read as one.
      removeIfExists(this.#removalsFile);
      writeNew(this.#removalsFile, ids.join("\n"));
    });
  }

  /** The ids of the last {@link noteRemovals}; none after {@link forgetRemovals}. */
  notedRemovals(): string[] {
    const text = readTextIfOurs(this.#removalsFile) ?? "";
    return text.split("\n").filter((id) => JobId.safeParse(id).success);
  }

  /** Removes the note of {@link noteRemovals}. Does not throw: a note that stays only makes the next daemon look. */
  forgetRemovals(): void {
    unlessItFails(() => removeIfExists(this.#removalsFile));
  }

  /**
   * Removes the job directories that were renamed for removal before a crash. Stops when the signal aborts. Never
   * rejects.
   *
   * @param options.onFailure is called for each directory that cannot be removed, and goes on with the next one
   * @param options.discard removes what else belongs to the job, before its directory goes
   */
  async finishRemovals(
    signal: AbortSignal,
    { onFailure, discard = () => {} }: {
      onFailure: (path: string, error: unknown) => void;
      discard?: (id: string) => unknown;
    },
  ): Promise<void> {
    try {
      for await (const { name } of Deno.readDir(this.#jobsPath)) {
        if (signal.aborted) return;
        const path = join(this.#jobsPath, name);
        if (!name.startsWith(REMOVED_PREFIX)) continue;
        try {
          await discard(name.slice(REMOVED_PREFIX.length));
          await removeTree(path);
        } catch (error) {
          onFailure(path, error);
        }
      }
    } catch (error) {
      onFailure(this.#jobsPath, error);
    }
  }

  /**
   * The directory of a job, whether it exists or not.
   *
   * @throws TypeError when `id` is not a job id: it could name a path outside of `jobs/`
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

  /** Ids of the jobs that have a directory, in no particular order. */
  ids(): string[] {
    const ids: string[] = [];
    ifExists(() => {
      for (const { name, isDirectory } of Deno.readDirSync(this.#jobsPath)) {
        if (isDirectory && JOB_ID_FORM.test(name)) ids.push(name);
      }
    });
    return ids;
  }

  /**
   * Those of `ids` whose directories have changed since `at` (epoch ms), the newest first and at most `limit`. A record
   * that is written anew changes its directory. Looking at 100,000 directories takes 150 to 400 ms.
   */
  changedSince(at: number, { ids, limit }: { ids: Iterable<string>; limit: number }): string[] {
    const changed: { id: string; at: number }[] = [];
    for (const id of ids) {
      const changedAt = ifOurs(() => Deno.lstatSync(join(this.#jobsPath, id)).mtime?.getTime() ?? null) ?? 0;
      if (changedAt >= at) changed.push({ id, at: changedAt });
    }
    return changed.sort((a, b) => b.at - a.at).slice(0, limit).map(({ id }) => id);
  }

  /** The job and turn that a file name in `exits/` or `environments/` stands for; `null` for any other name. */
  static readExitName(name: string): { jobId: string; turn: number } | null {
    const [jobId = "", turn = "", ...rest] = name.split(".");
    if (rest.length > 0 || !/^[1-9]\d*$/.test(turn) || !JobId.safeParse(jobId).success) return null;
    return { jobId, turn: Number(turn) };
  }

  /** Removes the exit records of jobs whose directory is gone. */
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
    // Each caller's docstring says why a failure does no harm.
  }
}
