/**
 * Room `cli`: one change of a host's file at a time, as far as this program makes it. From the moment when the file is
 * read until it has been written, and a host's own command has run in between, a small file beside it says so.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { AgentAsyncError } from "../../domain/errors.ts";
import { ifExists, removeIfExists } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";

/** Ms after which a lock belongs to nobody: its program was killed. Longer than the longest change. */
const ABANDONED_MS = 150_000;

/** Ms between two looks at the lock of another. */
const LOOK_MS = 50;

/** Held until it is disposed of. */
export class HostFileLock implements Disposable {
  readonly #held: string[] = [];

  /**
   * @param paths of the files that may be changed. A directory that nothing can be written in is not locked: there is
   * nothing to be changed in it either.
   * @throws AgentAsyncError `conflict` when another one does not come to its end.
   */
  static async of(paths: readonly string[]): Promise<HostFileLock> {
    const lock = new HostFileLock();
    try {
      // In one order for all, or two could wait for each other.
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
