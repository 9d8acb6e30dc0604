/**
 * Room `daemon`: where the socket of a state directory is. Rule of this file: every process of the user arrives at the
 * same path, whatever its environment is.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { ensurePrivateDirectory } from "./private_directory.ts";

/** Bytes: Linux takes 107, macOS 103, for the whole path. */
const MAX_SOCKET_PATH_BYTES = 100;

/**
 * Not TMPDIR: it differs between terminals and hosts of one user, and two front-ends would look for one daemon at two
 * places.
 */
const SHARED_TEMPORARY_DIRECTORY = "/tmp";

/** `<home>/daemon.sock`, or a short path in a directory of this user when that is too long for a socket. */
export function socketPath(home: string, uid: number | null = Deno.uid()): string {
  const path = join(home, "daemon.sock");
  if (new TextEncoder().encode(path).length <= MAX_SOCKET_PATH_BYTES) return path;
  const hash = createHash("sha256").update(home).digest("hex").slice(0, 16);
  return join(SHARED_TEMPORARY_DIRECTORY, `agent-async-${uid ?? "user"}`, `${hash}.sock`);
}

/**
 * Makes sure that the state directory and the socket's directory are there and this user's alone.
 * @returns the socket's path.
 * @throws {AgentAsyncError} `daemon_unreachable` when one of them cannot be trusted.
 */
export async function prepareSocketPath(home: string): Promise<string> {
  await ensurePrivateDirectory(home, { inPublicPlace: false });
  // The real path: the same directory under two names has one lock and must have one socket.
  const realHome = await Deno.realPath(home);
  const path = socketPath(realHome);
  if (dirname(path) !== realHome) await ensurePrivateDirectory(dirname(path), { inPublicPlace: true });
  return path;
}
