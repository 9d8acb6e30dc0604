/**
 * Room `daemon`: directories that only this user may enter. The socket itself is made with mode 0755, so the
 * directory's 0700 is what protects it.
 *
 * @module
 */
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import { replaceableParent } from "../../system/files/trusted_path.ts";

const PRIVATE = 0o700;

/**
 * Creates it when it is missing and takes others' permissions away when it has any.
 * @throws {AgentAsyncError} `daemon_unreachable` when it belongs to somebody else, is no directory, or others may put
 * another in its place.
 */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  await create(path);
  const info = await Deno.stat(path);
  if (!info.isDirectory) throw refused(path, "is no directory");
  const uid = Deno.uid();
  if (uid !== null && info.uid !== null && info.uid !== uid) {
    throw refused(path, `belongs to the user with id ${info.uid}, not to the present one (${uid})`);
  }
  const open = replaceableParent(await Deno.realPath(path));
  if (open !== null) {
    throw new AgentAsyncError(
      "daemon_unreachable",
      `Cannot use ${path}: others may write in ${open}, and put another directory in its place.`,
      {
        hint: `Run: chmod go-w ${open}. Or set AGENT_ASYNC_HOME to a directory in which only you may write.`,
      },
    );
  }
  // On Windows modes say nothing: see `prepareLoopback`.
  if (Deno.build.os === "windows" || info.mode === null || (info.mode & 0o777) === PRIVATE) return;
  await Deno.chmod(path, PRIVATE);
}

async function create(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { mode: PRIVATE, recursive: true });
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
