/**
 * Room `kernel`: hears of exit records as they appear, of all jobs through one directory. A watcher only says that it
 * is worth looking; what is found counts, so a lost event costs time and nothing else.
 *
 * @module
 */
import { join } from "node:path";
import { ifExists } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";
import { readExitRecord } from "./exit_record.ts";
import { JobDirectories } from "../job_directories.ts";

/** Ms between looks when the system watches for us: for what it may lose when its queue is full. */
const WATCHED_POLL_MS = 5_000;

/** Ms between looks when it does not: the number of watchers per user is limited. */
const UNWATCHED_POLL_MS = 200;

export interface ExitNotice {
  jobId: string;
  turn: number;
}

/** Ms after which the watched directory is made again when it is gone: when all is removed, it is not to be in the way. */
const REMAKE_MS = 1_000;

export interface WatchExitsOptions {
  /** How to be told of changes; the system's watcher unless given. It may throw or end. */
  watch?: (path: string) => Deno.FsWatcher;
}

/**
 * Yields each exit record that is there or comes, once for as long as it stays in the watched directory, which is made
 * again when an agent has removed it. Ends with the signal.
 */
export async function* watchExits(
  directories: JobDirectories,
  signal: AbortSignal,
  options: WatchExitsOptions = {},
): AsyncGenerator<ExitNotice> {
  while (!signal.aborted) {
    yield* watchDirectory(directories.exitsPath, signal, options);
    if (signal.aborted) return;
    await pause(REMAKE_MS, signal);
    directories.remakeExits();
  }
}

/** Ends with the directory that is watched, too: another one of its name is not. */
async function* watchDirectory(
  path: string,
  signal: AbortSignal,
  { watch = (path) => Deno.watchFs(path, { recursive: false }) }: WatchExitsOptions,
): AsyncGenerator<ExitNotice> {
  const bell = new Bell();
  const watched = inodeOf(path);
  // Watching begins before the first look: a record can fall into neither gap.
  const watcher = tryWatch(watch, path);
  let timer = setInterval(() => bell.ring(), watcher === null ? UNWATCHED_POLL_MS : WATCHED_POLL_MS);
  const relay = watcher === null ? Promise.resolve() : relayTo(bell, watcher).then(() => {
    clearInterval(timer);
    if (!signal.aborted) timer = setInterval(() => bell.ring(), UNWATCHED_POLL_MS);
  });
  const onAbort = () => bell.ring();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    let known = new Set<string>();
    while (!signal.aborted) {
      const names = new Set(fileNames(path));
      known = known.intersection(names);
      for (const name of names) {
        const exit = known.has(name) ? null : JobDirectories.readExitName(name);
        if (exit === null || readExitRecord(join(path, name)) === null) continue;
        known.add(name);
        yield exit;
        if (signal.aborted) return;
      }
      if (inodeOf(path) !== watched) return;
      await bell.heard();
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    closeWatcher(watcher);
    await relay;
    clearInterval(timer);
  }
}

/** Rings are remembered until they are heard, and many are heard as one. */
class Bell {
  #next = Promise.withResolvers<void>();

  ring(): void {
    this.#next.resolve();
  }

  async heard(): Promise<void> {
    await this.#next.promise;
    this.#next = Promise.withResolvers<void>();
  }
}

function tryWatch(watch: (path: string) => Deno.FsWatcher, path: string): Deno.FsWatcher | null {
  try {
    return watch(path);
  } catch {
    return null;
  }
}

/** Rings for every change until the watcher ends, in whatever way. */
async function relayTo(bell: Bell, watcher: Deno.FsWatcher): Promise<void> {
  try {
    for await (const event of watcher) if (event.kind !== "access") bell.ring();
  } catch {
    // Polling takes over.
  }
}

function closeWatcher(watcher: Deno.FsWatcher | null): void {
  try {
    watcher?.close();
  } catch {
    // It had ended by itself.
  }
}

function fileNames(path: string): string[] {
  return (ifExists(() => [...Deno.readDirSync(path)]) ?? []).map((entry) => entry.name);
}

function inodeOf(path: string): number | null {
  return ifExists(() => Deno.lstatSync(path).ino);
}
