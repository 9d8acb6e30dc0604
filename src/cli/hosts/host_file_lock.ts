/**
 * Room `cli`: a lock beside a host's file, so that one agent-async changes the file at a time. It is held from the
 * reading of the file until it is written, also while the host's own command runs. Other programs do not know it.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { AgentAsyncError } from "../../domain/errors.ts";
import { ifExists, removeIfExists } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";

/**
 * Age in ms at which a lock counts as left by a killed program: longer than the longest change. Nobody waits longer
 * for a lock, either.
 */
const ABANDONED_MS = 150_000;

/** Ms between two attempts to take a lock that another process holds. */
const LOOK_MS = 50;

/** The locks of some files, held until they are disposed of. */
export class HostFileLock implements Disposable {
  readonly #held: string[] = [];

  /**
   * Takes the lock of each file and waits for those that others hold. A file in a directory that cannot be written to
   * gets no lock: it cannot be changed either.
   *
   * @param paths of the files that may be changed.
   * @throws AgentAsyncError `conflict` when another process does not release its lock.
   */
  static async of(paths: readonly string[]): Promise<HostFileLock> {
    const lock = new HostFileLock();
    try {
      // Sorted, so that two processes never wait for each other.
      for (const path of [...new Set(paths)].sort()) await lock.#take(path);
      return lock;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const path of this.#held.splice(0)) removeIfExists(path);
  }

  async #take(path: string): Promise<void> {
    const file = join(dirname(path), `.${basename(path)}.agent-async-lock`);
    const deadline = Date.now() + ABANDONED_MS;
    for (;;) {
      try {
        Deno.openSync(file, { write: true, createNew: true, mode: 0o600 }).close();
        this.#held.push(file);
        return;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) return;
      }
      const age = Date.now() - (ifExists(() => Deno.statSync(file).mtime)?.getTime() ?? Date.now());
      if (age > ABANDONED_MS) removeIfExists(file);
      else if (Date.now() > deadline) {
        throw new AgentAsyncError("conflict", `Another agent-async is changing ${path}`, {
          hint: `Try again when it has ended. If there is none, delete ${file}.`,
        });
      } else await pause(LOOK_MS);
    }
  }
}
