/**
 * Room `places`: permissions of files, which git knows as executable or not. They are read once for a whole tree, and
 * then for files that change: to read them all each time would cost more than the snapshot.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { yieldToOthers } from "../../system/yielding/yield_to_others.ts";

export const FileModes = z.object({
  /** Bits of most files that are not executable, and of most that are. */
  plain: z.number(),
  executable: z.number(),
  /** Those of all other files. */
  others: z.record(z.string(), z.number()),
});
export type FileModes = z.infer<typeof FileModes>;

/** Files of a tree whose permissions are read; in a larger one, only what git knows of them is brought back. */
const MAX_FILES = 20_000;

/** Exceptions that are kept with each snapshot. */
const MAX_OTHERS = 5_000;

/** Files that are looked at before other work of the daemon gets a chance: about a millisecond. */
const SLICE = 200;

const EXECUTABLE = 0o100;

/**
 * Ms after its last change for which a file counts as young. Git compares whole seconds: a further change of the
 * permissions in the same second is not seen by it, so they are read again.
 */
const YOUNG_MS = 2_000;

/** Whether a file was changed so recently that a further change of its permissions may not be seen. */
export function isYoung({ ctime }: Deno.FileInfo): boolean {
  return ctime !== null && Date.now() - ctime.getTime() < YOUNG_MS;
}

/**
 * Permissions of all files; `null` when they are too many, or too different.
 *
 * @param options.young gets the paths of young files
 */
export async function readModes(
  root: string,
  paths: readonly string[],
  { young }: { young: Set<string> },
): Promise<FileModes | null> {
  if (paths.length > MAX_FILES) return null;
  const bits = new Map<string, number>();
  for (const [count, path] of paths.entries()) {
    if (count % SLICE === SLICE - 1) await yieldToOthers();
    const info = lookNow(join(root, path));
    if (info === null || !info.isFile || info.mode === null) continue;
    bits.set(path, info.mode & 0o777);
    if (isYoung(info)) young.add(path);
  }
  const [plain, executable] = [mostCommon(bits, false) ?? 0o644, mostCommon(bits, true) ?? 0o755];
  return checked({ plain, executable, others: Object.fromEntries(exceptions(bits, { plain, executable })) });
}

/** `null` for what cannot be looked at, for whatever reason. */
function lookNow(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch {
    return null;
  }
}

/** @param changed bits of files that were read anew; `null` for what is no file any more */
export function updateModes(modes: FileModes, changed: ReadonlyMap<string, number | null>): FileModes | null {
  if (changed.size === 0) return modes;
  const others = { ...modes.others };
  const present = new Map<string, number>();
  for (const [path, bits] of changed) {
    delete others[path];
    if (bits !== null) present.set(path, bits);
  }
  return checked({ ...modes, others: { ...others, ...Object.fromEntries(exceptions(present, modes)) } });
}

/** @param mode what git knows of the file: `100644` or `100755` */
export function bitsOf(modes: FileModes, path: string, mode: string): number {
  return Object.hasOwn(modes.others, path)
    ? modes.others[path] ?? modes.plain
    : mode === "100755"
    ? modes.executable
    : modes.plain;
}

function checked(modes: FileModes): FileModes | null {
  return Object.keys(modes.others).length > MAX_OTHERS ? null : modes;
}

function exceptions(
  bits: ReadonlyMap<string, number>,
  { plain, executable }: Pick<FileModes, "plain" | "executable">,
): [string, number][] {
  return [...bits].filter(([, bits]) => bits !== ((bits & EXECUTABLE) === 0 ? plain : executable));
}

function mostCommon(all: ReadonlyMap<string, number>, isExecutable: boolean): number | null {
  const counts = new Map<number, number>();
  for (const bits of all.values()) {
    if (((bits & EXECUTABLE) !== 0) === isExecutable) counts.set(bits, (counts.get(bits) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? null;
}
