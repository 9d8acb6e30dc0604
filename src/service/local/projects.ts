/**
 * Room `service`, part of `LocalService`: what the user's configuration says of the project that a job works in.
 *
 * @module
 */
import { isWithin, resolvedPath } from "../../system/files/within.ts";

export interface Project {
  readonly setup?: string;
  readonly isolation?: "none" | "worktree";
  readonly checks?: Readonly<Record<string, string | { command: string; sandbox?: string }>>;
}

/** By absolute directory. */
export type Projects = Readonly<Record<string, Project>>;

/** The projects that `cwd` lies in, the outermost first. @param cwd symbolic links resolved */
export function projectsAround(projects: Projects, cwd: string): readonly Project[] {
  return Object.entries(projects)
    .filter(([root]) => isWithin(cwd, resolvedPath(root)))
    .sort(([a], [b]) => a.length - b.length)
    .map(([, project]) => project);
}
