/**
 * Room `places`: one file of the user's whose permissions alone are to be changed, and what they are now. Its content
 * plays no part in it: it may have been changed since, or be unreadable because of the permissions.
 *
 * @module
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { lookAt, RealParents } from "../snapshots/real_parents.ts";
import { InTheWay } from "./file_write.ts";

export const ModeWrite = z.object({
  /** From the root, with `/`. */
  path: z.string(),
  /** Permissions. */
  from: z.number(),
  to: z.number(),
});
export type ModeWrite = z.infer<typeof ModeWrite>;

/** Linux: a file is opened without the right to read it, for its permissions alone. */
const O_PATH = 0o10000000;

/** Permissions of the file; `null` where there is none, or something else. */
export async function bitsAt(root: string, path: string): Promise<number | null> {
  if (!await new RealParents(root).has(path)) return null;
  const info = await lookAt(join(root, path));
  return typeof info === "string" || !info.isFile || info.mode === null ? null : info.mode & 0o777;
}

/** Does nothing when it is done already. @throws InTheWay when the permissions are others by now */
export async function bringMode(root: string, { path, from, to }: ModeWrite): Promise<void> {
  const present = await bitsAt(root, path);
  if (present === to) return;
  if (present !== from) throw new InTheWay(path, "has just been changed");
  try {
    if (!await changeBits(join(root, path), { from, to })) throw new InTheWay(path, "has just been changed");
  } catch (error) {
    // A symbolic link has just taken the name, or nothing has it any more.
    if (["ELOOP", "ENOENT"].includes(codeOf(error))) throw new InTheWay(path, "has just been changed");
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Leaves what somebody else has changed since. */
export async function takeModeBack(root: string, { path, from, to }: ModeWrite): Promise<void> {
  try {
    await bringMode(root, { path, from: to, to: from });
  } catch (error) {
    if (!(error instanceof InTheWay)) throw error;
  }
}

/**
 * Changes the very file that is looked at, whatever takes its name meanwhile: no symbolic link is followed.
 *
 * @returns `false` when it is no file, or has other permissions
 */
async function changeBits(file: string, { from, to }: Omit<ModeWrite, "path">): Promise<boolean> {
  const descriptor = openFile(file);
  if (descriptor === null) {
    await Deno.chmod(file, to);
    return true;
  }
  try {
    const info = fstatSync(descriptor);
    if (!info.isFile() || (info.mode & 0o777) !== from) return false;
    const mode = (info.mode & 0o7000) | to;
    if (Deno.build.os === "linux") await Deno.chmod(`/proc/self/fd/${descriptor}`, mode);
    else fchmodSync(descriptor, mode);
    return true;
  } finally {
    closeSync(descriptor);
  }
}

/** `null` where the system cannot open a file of which only the name may be used: it was compared just before. */
function openFile(file: string): number | null {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  if (Deno.build.os === "linux") return openSync(file, O_NOFOLLOW | O_PATH);
  if (Deno.build.os === "windows") return null;
  try {
    return openSync(file, O_NOFOLLOW | O_NONBLOCK | O_RDONLY);
  } catch (error) {
    if (codeOf(error) === "EACCES") return null;
    throw error;
  }
}
