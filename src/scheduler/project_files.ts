/**
 * Room `scheduler`: files of a project for whose sake a turn below `full-auto` is not begun: the agent's CLI would run
 * what they name without being asked, and cannot be told not to.
 *
 * @module
 */
import { join } from "node:path";
import type { AgentDriver, TurnPlan } from "../agents/driver.ts";
import { readTextIfOurs } from "../system/files.ts";

/** @param options.top the work tree's root. */
export function projectRefusal(
  driver: AgentDriver,
  { cwd, top, mcp }: { cwd: string; top: string; mcp: TurnPlan["mcp"] },
): { message: string; hint: string } | null {
  for (const root of new Set([top, cwd])) {
    for (const { path, effect } of driver.projectFiles ?? []) {
      const text = readTextIfOurs(join(root, path));
      const does = text === null ? null : effect(text, { mcp });
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
