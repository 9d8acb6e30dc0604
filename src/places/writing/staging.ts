/**
 * Room `places`: a directory at the top of the work tree, for as long as files in it are changed. New files are written
 * there whole before anything is changed, and earlier ones are kept there until all is done: then everything else is
 * renaming, which needs no space on the disk and is done in a moment.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { removeTree } from "../../system/files/removal.ts";
import { exchangeFiles } from "../../system/processes/libc.ts";
import { lookAt, RealParents } from "../snapshots/real_parents.ts";
import { type FileWrite, InTheWay, isState, stateAt, stateOf } from "./file_write.ts";

export class Staging {
  /** @param id of the journal @param root of the work tree */
  constructor(readonly root: string, id: string) {
    this.directory = join(root, `.agent-async-${id}`);
  }

  readonly directory: string;

  #new(index: number): string {
    return join(this.directory, `new-${index}`);
  }

  #old(index: number): string {
    return join(this.directory, `old-${index}`);
  }

  /** @throws errors of the file system, also when the work tree is not there any more */
  async open(): Promise<void> {
    try {
      await Deno.mkdir(this.directory, { mode: 0o700 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }

  async remove(): Promise<void> {
    await removeTree(this.directory);
  }

  /** Writes what a file is to become. @param bytes content, or target of a symbolic link */
  async prepare(index: number, { path, from, to, bits }: FileWrite, bytes: Uint8Array): Promise<void> {
    const file = this.#new(index);
    await removeFile(file);
    if (to?.mode === "120000") return await Deno.symlink(new TextDecoder().decode(bytes), file);
    const isExecutable = to?.mode === "100755";
    // The system's umask takes from it what it takes from any new file.
    using open = await Deno.open(file, { write: true, createNew: true, mode: isExecutable ? 0o777 : 0o666 });
    for (let written = 0; written < bytes.length;) written += await open.write(bytes.subarray(written));
    const present = from === null ? "gone" : await lookAt(join(this.root, path));
    if (bits !== undefined && ((bits & 0o100) !== 0) === isExecutable) await Deno.chmod(file, bits);
    else if (typeof present !== "string" && present.isFile && present.mode !== null) {
      const mode = present.mode & 0o7777;
      // As git does it: who may read may execute.
      await Deno.chmod(file, isExecutable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111);
    }
    await open.syncData();
  }

  /**
   * Puts what was prepared in the place of what is there; does nothing when it is there already.
   *
   * @throws InTheWay when the file is not as it has to be, or its directory is not one
   */
  async bring(index: number, write: FileWrite): Promise<void> {
    const { path, from, to } = write;
    const file = join(this.root, path);
    const state = await stateOf(this.root, write);
    if (isState(state, to)) return;
    // Where there are no hard links, a file is gone for a moment: a death in it is gone on from.
    const isAway = state === null && from !== null && await this.#hasOld(index, write);
    if (!isAway && !isState(state, from)) throw new InTheWay(path, "has just been changed");
    if (to === null) {
      await Deno.rename(file, this.#old(index));
      await removeEmptyParents(this.root, path);
    } else {
      await Deno.mkdir(dirname(file), { recursive: true });
      if (!await new RealParents(this.root).has(path)) {
        throw new InTheWay(path, "is below a file or a symbolic link");
      }
      if (from === null) await this.#add(index, write);
      else if (isAway) await Deno.rename(this.#new(index), file);
      else await this.#replace(index, write);
    }
    // It was compared before it was kept; in between somebody may have written to it.
    if (from !== null && !await this.#hasOld(index, write)) throw new InTheWay(path, "has just been changed");
  }

  /** @throws InTheWay when somebody has made the file meanwhile */
  async #add(index: number, { path, to }: FileWrite): Promise<void> {
    const file = join(this.root, path);
    const existing = await lookAt(file);
    if (typeof existing !== "string" && existing.isDirectory) await removeEmptyDirectory(file);
    if (to?.mode === "120000") return await Deno.rename(this.#new(index), file);
    try {
      // Unlike a rename, it overwrites nothing.
      await Deno.link(this.#new(index), file);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw new InTheWay(path, "has just been made");
      return await Deno.rename(this.#new(index), file);
    }
    await removeFile(this.#new(index));
  }

  /** @throws InTheWay when somebody has put another file in its place meanwhile */
  async #replace(index: number, write: FileWrite): Promise<void> {
    const { path, from } = write;
    const [file, prepared] = [join(this.root, path), this.#new(index)];
    await keep(file, this.#old(index));
    if (!exchangeFiles(prepared, file)) return await Deno.rename(prepared, file);
    // Under the prepared name there is now what was there at that very moment.
    if (isState(await stateAt(prepared, { idLength: from?.id.length ?? 40 }), from)) return;
    exchangeFiles(prepared, file);
    throw new InTheWay(path, "has just been changed");
  }

  /**
   * Puts back what was there; leaves what somebody else has changed since.
   *
   * @returns `false` when what was there is not kept here
   */
  async takeBack(index: number, write: FileWrite): Promise<boolean> {
    const { path, from, to } = write;
    const file = join(this.root, path);
    const state = await stateOf(this.root, write);
    const old = this.#old(index);
    const isKept = from !== null && await lookAt(old) !== "gone";
    if (isState(state, from) || (!isState(state, to) && !(state === null && isKept))) return true;
    if (from === null) {
      await Deno.remove(file);
      await removeEmptyParents(this.root, path);
      return true;
    }
    if (!isKept) return false;
    await Deno.mkdir(dirname(file), { recursive: true });
    const existing = await lookAt(file);
    if (typeof existing !== "string" && existing.isDirectory) await removeEmptyDirectory(file);
    await Deno.rename(old, file);
    return true;
  }

  async #hasOld(index: number, { from }: FileWrite): Promise<boolean> {
    return from !== null && isState(await stateAt(this.#old(index), { idLength: from.id.length }), from);
  }
}

/** Gives a file a second name, or another one where there are no hard links. */
async function keep(file: string, kept: string): Promise<void> {
  await removeFile(kept);
  try {
    await Deno.link(file, kept);
  } catch {
    await Deno.rename(file, kept);
  }
}

/** Directories that a removed file leaves empty go too, as with git, which does not know empty ones. */
async function removeEmptyParents(root: string, path: string): Promise<void> {
  for (let parent = path; parent.includes("/");) {
    parent = parent.slice(0, parent.lastIndexOf("/"));
    try {
      await Deno.remove(join(root, parent));
    } catch {
      return;
    }
  }
}

/** Of a directory whose files were removed before, others without files may be left. */
async function removeEmptyDirectory(path: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) await removeEmptyDirectory(join(path, name));
  }
  await Deno.remove(path);
}

async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
