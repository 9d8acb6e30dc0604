/**
 * Room `kernel`: the files of one job. Directories are 0700 and files 0600.
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
  removeTree,
  reopenDirectory,
  reopenFiles,
} from "../system/files/files.ts";
import { Slices } from "../system/slices.ts";
import { TurnDirectory } from "./turn_directory.ts";
import type { TurnWrapper } from "./wrapper/turn_wrapper.ts";

export class JobDirectory {
  readonly id: string;
  readonly path: string;
  /** The transcript for people. */
  readonly outputFile: string;
  readonly eventsFile: string;
  /** The job record as it was when it last changed, to rebuild a store from. */
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
    this.#exitsPath = options.exitsPath;
    this.#environmentsPath = options.environmentsPath;
    this.#removedPath = options.removedPath;
    this.#wrapper = options.wrapper;
  }

  /** Whether the id is taken. */
  exists(): boolean {
    return ifExists(() => Deno.lstatSync(this.path)) !== null;
  }

  /** @throws Deno.errors.AlreadyExists when the id is taken */
  create(): void {
    remakeDirectory(dirname(this.path));
    Deno.mkdirSync(this.path, { mode: PRIVATE_DIRECTORY_MODE });
    Deno.mkdirSync(join(this.path, "turns"), { mode: PRIVATE_DIRECTORY_MODE });
  }

  /** Makes what is missing of it, as after a loss of power. */
  remake(): void {
    for (const path of [dirname(this.path), this.path, join(this.path, "turns")]) remakeDirectory(path);
  }

  /** @throws RangeError for a number that is not 1, 2, 3 ... */
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
   * Opens to us again what an agent may have closed, itself and what it shares with other jobs: with a turn whose files
   * cannot be read, nobody could tell when to give its slot to another. Costs some 100 µs a turn when all is well.
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
   * Takes the job out of sight, in a moment; what is then left to be removed is found at the next start. Nothing happens
   * when it is gone already.
   */
  conceal(): void {
    for (const path of [this.path, join(this.path, "turns")]) reopenDirectory(path);
    const turns = this.turns().map((turn) => this.turn(turn));
    // A rename takes all of it out of sight at once; what a crash leaves behind is no job. Before anything else: the
    // environment of a start that was never accepted is what leads the next daemon here.
    ifExists(() => Deno.renameSync(this.path, this.#removedPath));
    for (const { exitFile, envFile } of turns) {
      removeIfExists(exitFile);
      removeIfExists(envFile);
    }
  }

  /** Takes everything of the job away; nothing happens when it is gone already. */
  async remove(): Promise<void> {
    this.conceal();
    await removeTree(this.#removedPath);
  }

  /** Bytes of all its files, as far as they can be looked at. */
  async sizeBytes(): Promise<number> {
    return await directoryBytes(this.path, new Slices());
  }
}

/** Synchronous calls in slices: each asynchronous one costs five times as much. */
async function directoryBytes(path: string, slices: Slices): Promise<number> {
  let bytes = 0;
  try {
    for (const entry of Deno.readDirSync(path)) {
      const inner = join(path, entry.name);
      bytes += entry.isDirectory ? await directoryBytes(inner, slices) : Deno.lstatSync(inner).size;
      await slices.pause();
    }
  } catch (error) {
    // Removed while we looked, or closed to us: then it has no size.
    if (!isTakenAway(error)) throw error;
  }
  return bytes;
}
