/**
 * Room `service`: where a job may work.
 *
 * @module
 */
import { isAbsolute, resolve } from "node:path";
import { invalidArgument } from "../../domain/errors.ts";
import type { Tree } from "../../domain/job/tree.ts";
import { isWithin } from "../../system/files/within.ts";
import { workTreeAround } from "../../system/files/work_tree.ts";

/**
 * `cwd` in the one form in which jobs are kept and found: without `.`, `..` and a slash at its end.
 * @throws {AgentAsyncError} `invalid_argument` for a relative one.
 */
export function plainDirectory(cwd: string): string {
  if (!isAbsolute(cwd)) throw invalidArgument("cwd", `must be an absolute path, not ${JSON.stringify(cwd)}`);
  return resolve(cwd);
}

/**
 * Checks `cwd` and finds what a job in it may write.
 *
 * @param allowedRoots lists of directories, of each of which one must contain `cwd`
 * @throws {AgentAsyncError} `invalid_argument` naming `cwd`.
 */
export async function checkWorkingDirectory(
  given: string,
  allowedRoots: readonly (readonly string[])[],
): Promise<{ cwd: string; tree: Tree }> {
  // Resolved before all checks: behind a link the system follows `..` to another place than the path's text says.
  const cwd = plainDirectory(given);
  // The first look is asynchronous: a file system that does not answer holds up nobody else.
  const found = await Deno.realPath(cwd)
    .then((real) => ({ real, isDirectory: Deno.statSync(real).isDirectory }))
    .catch(() => null);
  if (found === null) throw invalidArgument("cwd", `${cwd} does not exist or cannot be read`);
  if (!found.isDirectory) throw invalidArgument("cwd", `${cwd} is not a directory`);
  for (const roots of allowedRoots) {
    if (await isBelowOneOf(found.real, roots)) continue;
    throw invalidArgument(
      "cwd",
      `${cwd} is outside of allowed_roots (${roots.join(", ")}), which the configuration sets`,
    );
  }
  const { kind, root } = workTreeAround(found.real);
  return { cwd, tree: { kind, root } };
}

async function isBelowOneOf(real: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    const realRoot = await Deno.realPath(root).catch(() => root);
    if (isWithin(real, realRoot)) return true;
  }
  return false;
}
