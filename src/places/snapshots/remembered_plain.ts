/**
 * Room `places`: remembers the last snapshot of a small directory outside of git. Where no name, size or time in it is
 * another one, git would find the same again, which takes many times as long as to look.
 *
 * @module
 */
import { join } from "node:path";
import type { PlacesHome } from "../places_home.ts";
import type { Snapshot } from "./snapshot.ts";

/** Entries of a directory that is looked at: some ms. */
const MAX_ENTRIES = 300;

/** Ms before a look within which a file's time cannot tell whether it was changed again. */
const RACY_MS = 50;

/** Directories that are remembered. */
const MAX_REMEMBERED = 50;

export interface PlainLook {
  /** Names, kinds, sizes, times and inodes of all that lies in it. */
  readonly fingerprint: string;
  /** Whether nothing was changed so lately that a further change could look the same. */
  readonly isSettled: boolean;
}

interface Remembered {
  readonly fingerprint: string;
  readonly snapshot: Snapshot;
}

const memories = new WeakMap<PlacesHome, Map<string, Remembered>>();

/** Looks at the directory; `null` for one that is too large, or cannot be read. @param now epoch ms */
export function lookAtPlain(root: string, now: number): PlainLook | null {
  const lines: string[] = [];
  let newest = 0;
  const visit = (directory: string): boolean => {
    for (const { name } of Deno.readDirSync(directory)) {
      const path = join(directory, name);
      const { isDirectory, isSymlink, size, mtime, ctime, ino, mode } = Deno.lstatSync(path);
      const times = [mtime?.getTime() ?? 0, ctime?.getTime() ?? 0];
      newest = Math.max(newest, ...times);
      lines.push(JSON.stringify([path, isDirectory, isSymlink, isDirectory ? 0 : size, ...times, ino, mode]));
      if (lines.length > MAX_ENTRIES || (isDirectory && !visit(path))) return false;
    }
    return true;
  };
  try {
    if (!visit(root)) return null;
  } catch {
    return null;
  }
  return { fingerprint: lines.sort().join("\n"), isSettled: now - newest > RACY_MS };
}

/** The snapshot that was taken when the directory looked the same; `null` when there is none. */
export function rememberedPlain(home: PlacesHome, root: string, look: PlainLook): Snapshot | null {
  const known = memories.get(home)?.get(root);
  return known?.fingerprint === look.fingerprint ? known.snapshot : null;
}

/** @param look from just before the snapshot was taken */
export function rememberPlain(home: PlacesHome, look: PlainLook, snapshot: Snapshot): void {
  if (!look.isSettled) return;
  const memory = memories.get(home) ?? new Map<string, Remembered>();
  memories.set(home, memory);
  memory.delete(snapshot.root);
  memory.set(snapshot.root, { fingerprint: look.fingerprint, snapshot });
  for (const root of [...memory.keys()].slice(0, -MAX_REMEMBERED)) memory.delete(root);
}

/** Forgets them all: their trees may be removed. */
export function forgetPlain(home: PlacesHome): void {
  memories.delete(home);
}
