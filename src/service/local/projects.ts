/**
 * Room `service`, part of `LocalService`: what the user's configuration says of the project that a job works in.
 *
 * @module
 */
import { isWithin } from "../../system/files/within.ts";

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
    .filter(([root]) => isWithin(cwd, realPath(root)))
    .sort(([a], [b]) => a.length - b.length)
    .map(([, project]) => project);
}

/** A project that is not there is as it was written: nothing lies in it. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
