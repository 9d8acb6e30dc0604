/**
 * Room `scheduler`: files of a project for whose sake a turn below `full-auto` is not begun: the agent's CLI would run
 * what they name without being asked, and cannot be told not to.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { AgentDriver } from "../../agents/driver.ts";
import type { ProjectTurn } from "../../agents/project_texts.ts";
import { ifOurs, readTextIfOurs } from "../../system/files/files.ts";
import type { WorkTree } from "../../system/files/work_tree.ts";

/** @param options.top the work tree's root. */
export function projectRefusal(
  driver: AgentDriver,
  { cwd, top, ...turn }: { cwd: string; top: string } & Omit<ProjectTurn, "read">,
): { message: string; hint: string } | null {
  for (const root of new Set([top, cwd])) {
    for (const { path, effect } of driver.projectFiles ?? []) {
      const text = readTextIfOurs(join(root, path));
      const does = text === null ? null : effect(text, { ...turn, read: readTextIfOurs });
      if (does === null) continue;
      return {
        message: `${join(root, path)} ${does}, and ${driver.title} has no option against it`,
        hint:
          "Read that file. If you trust it, start the job with approval_policy full-auto; else use another agent.",
      };
    }
  }
  return null;
}

/**
 * The directories for which the user may have said that the agent trusts them: `cwd`, the work tree's root and that of
 * the repository that a linked work tree belongs to. Empty when the project brings the agent no settings.
 */
export function untrustedRoots(
  driver: AgentDriver,
  { cwd, tree }: { cwd: string; tree: WorkTree },
): string[] {
  const name = driver.settingsDirectory;
  if (name === undefined) return [];
  const start = ifOurs(() => Deno.realPathSync(cwd)) ?? cwd;
  const between = [start];
  for (let at = start; at !== tree.root && dirname(at) !== at; at = dirname(at)) between.push(dirname(at));
  if (!between.some((path) => holdsSomething(join(path, name)))) return [];
  const repositories = tree.gitDirs.map((path) => dirname(path));
  return [...new Set([cwd, start, tree.root, ...repositories])];
}

/** Sandboxes leave empty directories behind. A link counts, wherever it leads. */
function holdsSomething(path: string): boolean {
  return (ifOurs(() => [...Deno.readDirSync(path)]) ?? []).length > 0;
}
