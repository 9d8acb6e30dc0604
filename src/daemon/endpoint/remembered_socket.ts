/**
 * Room `daemon`: what a state directory with a long path remembers of the socket that its daemon has elsewhere.
 *
 * @module
 */
import { pathIn } from "../../system/files/paths.ts";
import * as z from "zod";
import { readTextIfExists } from "../../system/files/files.ts";

const RememberedSocket = z.object({
  path: z.string().startsWith("/"),
  /** The socket's inode. Another inode at the same path is not our daemon's socket. */
  inode: z.number().nullable(),
});
export type RememberedSocket = z.infer<typeof RememberedSocket>;

export function rememberedSocketFile(home: string): string {
  return pathIn(home, "daemon.socket");
}

/** `null` when there is none, or the file is none of ours. */
export function readRememberedSocket(home: string): RememberedSocket | null {
  try {
    const found = RememberedSocket.safeParse(JSON.parse(readTextIfExists(rememberedSocketFile(home)) ?? ""));
    return found.success ? found.data : null;
  } catch {
    return null;
  }
}
