/**
 * Room `daemon`: the lock that makes one daemon the owner of a state directory. The operating system releases it when
 * its process dies, however that happens.
 *
 * @module
 */
import { pause } from "../../system/pause.ts";

/** Ms between two attempts while a predecessor is leaving. */
const RETRY_MS = 25;

export interface AcquireOptions {
  version: string;
  /** Ms to wait for an owner that is leaving. */
  waitMs: number;
  /** Asked between attempts; `true` ends the waiting. */
  giveUp: () => Promise<boolean>;
}

/**
 * The lock belongs to the file's inode, so the file is never removed: a second file of the same name could be locked
 * a second time.
 */
export class OwnerLock implements Disposable {
  readonly #file: Deno.FsFile;
  #held = true;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * `null` when somebody else has it. On Deno before 2.7 an attempt that failed may still be waiting inside the
   * operating system: a process that got `null` must exit soon.
   */
  static async acquire(path: string, options: AcquireOptions): Promise<OwnerLock | null> {
    const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
    if (!await locked(file, options)) {
      file.close();
      return null;
    }
    // Pid and version, for people and for other processes. They are true only while somebody holds the lock.
    const owner = { pid: Deno.pid, version: options.version };
    await file.truncate(0);
    await file.write(new TextEncoder().encode(`${JSON.stringify(owner)}\n`));
    return new OwnerLock(file);
  }

  /** Releases the lock; a second call does nothing. */
  release(): void {
    if (this.#held) this.#file.close();
    this.#held = false;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/**
 * Whether somebody holds the lock now. A look that meets an attempt to get it makes that try again, no more.
 * On Deno before 2.7 it cannot be told: then somebody does.
 */
export async function isOwned(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    return !("tryLock" in file) || !await file.tryLock(false);
  } catch {
    return false;
  }
}

async function locked(file: Deno.FsFile, options: AcquireOptions): Promise<boolean> {
  // Deno 2.6 has no `tryLock`: there the blocking lock is raced against the same time.
  const pending = "tryLock" in file ? null : startLocking(file);
  const deadline = performance.now() + options.waitMs;
  for (;;) {
    if (pending === null ? await file.tryLock(true) : pending.isHeld()) return true;
    const isLate = performance.now() >= deadline;
    // A lock that is free is granted within the first moments: never give up on the first look.
    await pause(RETRY_MS);
    if (pending?.isHeld() === true) return true;
    if (!isLate && !await options.giveUp()) continue;
    // Once more: the lock may have been held by `isOwned` of another process, which lets go at once.
    return pending === null && await file.tryLock(true);
  }
}

function startLocking(file: Deno.FsFile): { isHeld(): boolean } {
  let held = false;
  file.lock(true).then(() => held = true, () => {});
  return { isHeld: () => held };
}
