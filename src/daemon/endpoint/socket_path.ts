/**
 * Room `daemon`: where the socket of a state directory is. Rule of this file: every process of the user arrives at the
 * same path, whatever its environment is.
 *
 * @module
 */
import { pathIn } from "../../system/files/paths.ts";
import { ensurePrivateDirectory } from "../trust/private_directory.ts";
import { readRememberedSocket } from "./remembered_socket.ts";

/** Bytes: Linux takes 107, macOS 103, for the whole path. */
const MAX_SOCKET_PATH_BYTES = 100;

export function fitsSocket(path: string): boolean {
  return new TextEncoder().encode(path).length <= MAX_SOCKET_PATH_BYTES;
}

/** `<home>/daemon.sock`; `null` when that is too long for a socket: then the directory remembers another place. */
export function shortSocketPath(home: string): string | null {
  const path = pathIn(home, "daemon.sock");
  return fitsSocket(path) ? path : null;
}

/**
 * Makes sure that the state directory is there and this user's alone.
 * @returns its real path: the same directory under two names has one lock and must have one socket.
 * @throws {AgentAsyncError} `daemon_unreachable` when it cannot be trusted.
 */
export async function prepareStateDirectory(home: string): Promise<string> {
  await ensurePrivateDirectory(home);
  return await Deno.realPath(home);
}

/**
 * Where the daemon listens that is there now; `null` when none has said so.
 * @throws {AgentAsyncError} as {@link prepareStateDirectory}
 */
export async function socketPathNow(home: string): Promise<string | null> {
  const realHome = await prepareStateDirectory(home);
  return shortSocketPath(realHome) ?? readRememberedSocket(realHome)?.path ?? null;
}
