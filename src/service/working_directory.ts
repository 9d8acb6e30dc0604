/**
 * Room `service`: where a job may work.
 *
 * @module
 */
import { isAbsolute, normalize, relative, sep } from "node:path";
import { invalidArgument } from "../domain/errors.ts";
import type { Tree } from "../domain/tree.ts";
import { findWorkTree } from "../system/work_tree.ts";

/**
 * Checks `cwd` and finds what a job in it may write.
 * @throws {AgentAsyncError} `invalid_argument` naming `cwd`.
 */
export async function checkWorkingDirectory(
  cwd: string,
  allowedRoots: readonly string[],
): Promise<{ cwd: string; tree: Tree }> {
  if (!isAbsolute(cwd)) throw invalidArgument("cwd", `must be an absolute path, not ${JSON.stringify(cwd)}`);
  const info = await Deno.stat(cwd).catch(() => null);
  if (info === null) throw invalidArgument("cwd", `${cwd} does not exist or cannot be read`);
  if (!info.isDirectory) throw invalidArgument("cwd", `${cwd} is not a directory`);
  if (allowedRoots.length > 0 && !(await isBelowOneOf(await Deno.realPath(cwd), allowedRoots))) {
    throw invalidArgument(
      "cwd",
      `${cwd} is outside of allowed_roots (${allowedRoots.join(", ")}), which the configuration sets`,
    );
  }
  const { kind, root } = await findWorkTree(cwd);
  return { cwd: normalize(cwd), tree: { kind, root } };
}

async function isBelowOneOf(real: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    const realRoot = await Deno.realPath(root).catch(() => root);
    const way = relative(realRoot, real);
    if (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return true;
  }
  return false;
}
