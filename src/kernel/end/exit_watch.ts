/**
 * Room `kernel`: notices exit records as they appear, those of all jobs in one directory. An event of the system's
 * watcher is only a reason to read the files that it names. All of them are read every few seconds, so a lost event
 * delays a notice and loses none.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { Bell } from "../../system/bell.ts";
import { ifExists, ifOurs } from "../../system/files/files.ts";
import { isThere } from "../../system/files/is_there.ts";
import { pause } from "../../system/pause.ts";
import { readExitRecord } from "./exit_record.ts";
import { JobDirectories } from "../job_directories.ts";

/** Ms between polls while the system's watcher works: it loses events when its queue is full. */
const WATCHED_POLL_MS = 5_000;

/** Ms between polls without a watcher: the system limits how many a user may have. */
const UNWATCHED_POLL_MS = 200;

/** The turn that an exit record was found for. */
export interface ExitNotice {
  jobId: string;
  turn: number;
}

/**
 * Ms after which the watched directory is made again when it is gone. Somebody may be removing the whole state
 * directory, and a new directory in it would make that fail.
 */
const REMAKE_MS = 1_000;

export interface WatchExitsOptions {
  /** Watches a directory; default the system's watcher. When it throws or ends, polling takes over. */
  watch?: (path: string) => Deno.FsWatcher;
}

/**
 * Yields a notice for each exit record that is in the directory of exit records or comes into it. A record is told once
 * as long as it stays there. When an agent removes the directory, it is made again. Ends when the signal aborts.
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

/** Ends when the signal aborts, or when the directory is removed or replaced: a watcher does not see its successor. */
async function* watchDirectory(
  path: string,
  signal: AbortSignal,
  { watch = (path) => Deno.watchFs(path, { recursive: false }) }: WatchExitsOptions,
): AsyncGenerator<ExitNotice> {
  const bell = new Bell();
  const changes = new Changes(path);
  const watched = inodeOf(path);
  // The watcher is started before the directory is first read, so that no record falls between the two.
  const watcher = tryWatch(watch, path);
  const lookAtAll = () => {
    changes.all();
    bell.ring();
  };
  let timer = setInterval(lookAtAll, watcher === null ? UNWATCHED_POLL_MS : WATCHED_POLL_MS);
  const relay = watcher === null ? Promise.resolve() : relayTo(bell, changes, watcher).then(() => {
    clearInterval(timer);
    if (!signal.aborted) timer = setInterval(lookAtAll, UNWATCHED_POLL_MS);
  });
  const onAbort = () => bell.ring();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const known = new Set<string>();
    while (!signal.aborted) {
      const changed = changes.take();
      for (const name of changed ?? known.union(new Set(fileNames(path)))) {
        const exit = JobDirectories.readExitName(name);
        if (exit === null) continue;
        const file = join(path, name);
        const isRecord = isThere(file) && ifOurs(() => readExitRecord(file)) !== null;
        if (!isRecord) known.delete(name);
        if (!isRecord || known.has(name)) continue;
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

function tryWatch(watch: (path: string) => Deno.FsWatcher, path: string): Deno.FsWatcher | null {
  try {
    return watch(path);
  } catch {
    return null;
  }
}

/** Which files are to be read: those that are named, or all. */
class Changes {
  readonly #directory: string;
  /** `null`: all. */
  #names: Set<string> | null = null;

  /** Begins with all files of the directory. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  all(): void {
    this.#names = null;
  }

  add(path: string): void {
    if (dirname(path) === this.#directory) this.#names?.add(basename(path));
    else this.all();
  }

  /** Their names, or `null` for all; none is left. */
  take(): ReadonlySet<string> | null {
    const names = this.#names;
    this.#names = new Set();
    return names;
  }
}

/** Rings for every change until the watcher ends, in whatever way. */
async function relayTo(bell: Bell, changes: Changes, watcher: Deno.FsWatcher): Promise<void> {
  try {
    for await (const { kind, flag, paths } of watcher) {
      if (kind === "access") continue;
      // "rescan": the system has lost events.
      if (flag != null || paths.length === 0) changes.all();
      for (const path of paths) changes.add(path);
      bell.ring();
    }
  } catch {
    // The watcher failed: the caller polls from now on.
  }
}

function closeWatcher(watcher: Deno.FsWatcher | null): void {
  try {
    watcher?.close();
  } catch {
    // A watcher that ended by itself cannot be closed again.
  }
}

function fileNames(path: string): string[] {
  return (ifExists(() => [...Deno.readDirSync(path)]) ?? []).map((entry) => entry.name);
}

function inodeOf(path: string): number | null {
  return ifExists(() => Deno.lstatSync(path).ino);
}
