/**
 * Room `places`: tells whether a path leads through directories only. A symbolic link among them would lead out of the
 * work tree.
 *
 * @module
 */
import { join } from "node:path";

/** What there is at a path, without following a link in its last step. */
export async function lookAt(path: string): Promise<Deno.FileInfo | "gone" | "unreadable"> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.FilesystemLoop;
    // Nobody may look there, the path is longer than the system takes, or the disk fails: it is not known to be gone.
    return isGone ? "gone" : "unreadable";
  }
}

/** Remembers each directory it has looked at: one is made for each time that files are gone through. */
export class RealParents {
  readonly #root: string;
  readonly #known = new Map<string, Promise<boolean>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether everything above the path is a directory. One that cannot be looked at counts as one. */
  has(path: string): Promise<boolean> {
    const end = path.lastIndexOf("/");
    if (end < 0) return Promise.resolve(true);
    const parent = path.slice(0, end);
    const known = this.#known.get(parent) ?? this.#look(parent);
    this.#known.set(parent, known);
    return known;
  }

  async #look(parent: string): Promise<boolean> {
    if (!await this.has(parent)) return false;
    const info = await lookAt(join(this.#root, parent));
    return info === "unreadable" || (info !== "gone" && info.isDirectory);
  }
}
