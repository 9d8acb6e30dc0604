/**
 * Room `daemon`: directories that only this user may enter. The socket itself is made with mode 0755, so the
 * directory's 0700 is what protects it.
 *
 * @module
 */
import { AgentAsyncError, messageOf } from "../domain/errors.ts";

const PRIVATE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

export interface PrivateDirectoryOptions {
  /**
   * Whether anybody may create files beside it, as in `/tmp`: then a link is refused, and so is a directory in which
   * somebody else may have put something.
   */
  inPublicPlace: boolean;
}

/**
 * Creates it when it is missing and takes others' permissions away when it has any.
 * @throws {AgentAsyncError} `daemon_unreachable` when it belongs to somebody else or is no directory.
 */
export async function ensurePrivateDirectory(path: string, options: PrivateDirectoryOptions): Promise<void> {
  await create(path, options);
  const info = options.inPublicPlace ? await Deno.lstat(path) : await Deno.stat(path);
  if (!info.isDirectory) throw refused(path, "is no directory");
  const uid = Deno.uid();
  if (uid !== null && info.uid !== null && info.uid !== uid) {
    throw refused(path, `belongs to the user with id ${info.uid}, not to the present one (${uid})`);
  }
  // On Windows modes say nothing: see `prepareLoopback`.
  if (Deno.build.os === "windows" || info.mode === null || (info.mode & 0o777) === PRIVATE) return;
  if (options.inPublicPlace && (info.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw refused(path, "may be written by other users");
  }
  await Deno.chmod(path, PRIVATE);
}

async function create(path: string, options: PrivateDirectoryOptions): Promise<void> {
  try {
    await Deno.mkdir(path, { mode: PRIVATE, recursive: !options.inPublicPlace });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    throw new AgentAsyncError("daemon_unreachable", `Cannot create ${path}: ${messageOf(error)}`, {
      hint: "Set AGENT_ASYNC_HOME to a directory that can be written.",
      cause: error,
    });
  }
}

function refused(path: string, problem: string): AgentAsyncError {
  return new AgentAsyncError("daemon_unreachable", `Cannot use ${path}: it ${problem}.`, {
    hint: "Remove it, or set AGENT_ASYNC_HOME to a directory of the present user.",
  });
}
