/**
 * Room `kernel`: the files of one job in the state directory. Directories have mode 0700 and files 0600.
 *
 * @module
 */
import { dirname, join } from "node:path";
import {
  ifExists,
  ifOurs,
  isTakenAway,
  PRIVATE_DIRECTORY_MODE,
  remakeDirectory,
  removeIfExists,
  reopenDirectory,
  reopenFiles,
} from "../system/files/files.ts";
import { removeTree } from "../system/files/removal.ts";
import { Slices } from "../system/yielding/slices.ts";
import { TurnDirectory } from "./turn_directory.ts";
import type { TurnWrapper } from "./wrapper/turn_wrapper.ts";

export class JobDirectory {
  readonly id: string;
  readonly path: string;
  /** `output.txt`: the transcript for people. */
  readonly outputFile: string;
  /** `events.jsonl`: the events, one a line. */
  readonly eventsFile: string;
  /** `visit.json`: by which processes a person is in the job's session. */
  readonly visitFile: string;
  /** `job.json`: a copy of the job's record in the store, from which a lost store is rebuilt. */
  readonly recordFile: string;
  readonly #exitsPath: string;
  readonly #environmentsPath: string;
  readonly #removedPath: string;
  readonly #wrapper: TurnWrapper;

  /** Made by `JobDirectories.job`, which checks the id. */
  constructor(options: {
    id: string;
    path: string;
    exitsPath: string;
    environmentsPath: string;
    removedPath: string;
    wrapper: TurnWrapper;
  }) {
    this.id = options.id;
    this.path = options.path;
    this.outputFile = join(this.path, "output.txt");
    this.eventsFile = join(this.path, "events.jsonl");
    this.recordFile = join(this.path, "job.json");
    this.visitFile = join(this.path, "visit.json");
    this.#exitsPath = options.exitsPath;
    this.#environmentsPath = options.environmentsPath;
    this.#removedPath = options.removedPath;
    this.#wrapper = options.wrapper;
  }

  /** Whether the job's path exists, as whatever. */
  exists(): boolean {
    return ifExists(() => Deno.lstatSync(this.path)) !== null;
  }

  /** @throws Deno.errors.AlreadyExists when the id is taken */
  create(): void {
    try {
      Deno.mkdirSync(this.path, { mode: PRIVATE_DIRECTORY_MODE });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      remakeDirectory(dirname(this.path));
      Deno.mkdirSync(this.path, { mode: PRIVATE_DIRECTORY_MODE });
    }
    Deno.mkdirSync(join(this.path, "turns"), { mode: PRIVATE_DIRECTORY_MODE });
  }

  /** Makes the missing ones of `jobs/`, the job's directory and its `turns/`: a loss of power can take them away. */
  remake(): void {
    for (const path of [dirname(this.path), this.path, join(this.path, "turns")]) remakeDirectory(path);
  }

  /**
   * The directory of a turn, whether it exists or not.
   *
   * @throws RangeError when `turn` is not 1, 2, 3 ...
   */
  turn(turn: number): TurnDirectory {
    if (!Number.isSafeInteger(turn) || turn < 1) throw new RangeError(`Cannot name turn ${turn} of a job`);
    return new TurnDirectory({
      jobId: this.id,
      turn,
      path: join(this.path, "turns", String(turn)),
      exitFile: join(this.#exitsPath, `${this.id}.${turn}`),
      envFile: join(this.#environmentsPath, `${this.id}.${turn}`),
      wrapper: this.#wrapper,
    });
  }

  /** Numbers of the turns that have a directory, ascending. */
  turns(): number[] {
    const entries = ifExists(() => [...Deno.readDirSync(join(this.path, "turns"))]) ?? [];
    return entries
      .filter((entry) => entry.isDirectory && /^[1-9]\d*$/.test(entry.name))
      .map((entry) => Number(entry.name))
      .sort((a, b) => a - b);
  }

  /**
   * Restores this user's permissions on the job's files, and on the directories that all jobs share: an agent may have
   * removed them with `chmod`. A turn whose files cannot be read would never be seen to end, and would keep its slot.
   * Costs about 100 µs a turn when nothing has to be restored.
   */
  reopen(): void {
    for (const shared of [dirname(this.path), this.#exitsPath, this.#environmentsPath]) {
      reopenDirectory(shared);
    }
    reopenFiles(this.path);
    reopenDirectory(join(this.path, "turns"));
    for (const turn of ifOurs(() => this.turns()) ?? []) reopenFiles(this.turn(turn).path);
  }

  /**
   * Renames the job's directory, so that it is no job any more, and removes its exit records and environments. Quick:
   * {@link remove}, or `JobDirectories.finishRemovals` at the next start, removes the files. Does nothing when the
   * directory is gone.
   */
  conceal(): void {
    for (const path of [this.path, join(this.path, "turns")]) reopenDirectory(path);
    const turns = this.turns().map((turn) => this.turn(turn));
    // The rename comes before the environments are removed. After a crash in between, the next daemon still finds the
    // environment, and through it the directory of a start that was never accepted.
    ifExists(() => Deno.renameSync(this.path, this.#removedPath));
    for (const { exitFile, envFile } of turns) {
      removeIfExists(exitFile);
      removeIfExists(envFile);
    }
  }

  /** Removes all files of the job. Does nothing when they are gone. */
  async remove(): Promise<void> {
    this.conceal();
    await removeTree(this.#removedPath);
  }

  /** Bytes of all files of the job; a directory that is gone or cannot be read counts as 0. */
  async sizeBytes(): Promise<number> {
    return await directoryBytes(this.path, new Slices());
  }
}

/** Uses synchronous calls and yields between them, since an asynchronous call costs five times as much. */
async function directoryBytes(path: string, slices: Slices): Promise<number> {
  let bytes = 0;
  try {
    for (const entry of Deno.readDirSync(path)) {
      const inner = join(path, entry.name);
      bytes += entry.isDirectory ? await directoryBytes(inner, slices) : Deno.lstatSync(inner).size;
      await slices.pause();
    }
  } catch (error) {
    // The directory was removed meanwhile, or its permissions were: it counts no further.
    if (!isTakenAway(error)) throw error;
  }
  return bytes;
}
