/**
 * Room `scheduler`: files of a project that forbid a turn below `full-auto`. The agent's CLI would run what they name
 * without asking, and has no option against it.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { AgentDriver } from "../../agents/driver.ts";
import type { ProjectTurn } from "../../agents/project_texts.ts";
import { ifOurs } from "../../system/files/files.ts";
import { isThere, readTextIfOurs } from "../../system/files/is_there.ts";
import type { WorkTree } from "../../system/files/work_tree.ts";

/** Why the turn must not begin; `null` when it may. @param options.top the work tree's root */
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
 * The project directories that the user may have marked as trusted in the agent, for the launch to override. They are
 * `cwd`, the work tree's root and the repository of a linked work tree. Empty when the project has no agent settings.
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

/** Whether a directory has entries: sandboxes leave empty ones behind. A link counts as what it leads to. */
function holdsSomething(path: string): boolean {
  return isThere(path) && (ifOurs(() => [...Deno.readDirSync(path)]) ?? []).length > 0;
}
