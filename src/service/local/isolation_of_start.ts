/**
 * Room `service`, part of `LocalService`: whether a start gets a place of its own. What is asked for by name has to be
 * possible; what the configuration sets for all is left out where it is not.
 *
 * @module
 */
import { type ApprovalPolicy, mayWrite } from "../../domain/agent/policy.ts";
import { invalidArgument } from "../../domain/errors.ts";
import type { Job } from "../../domain/job/job.ts";
import type { Tree } from "../../domain/job/tree.ts";
import type { StartRequest } from "../requests.ts";
import { type Projects, projectsAround } from "./projects.ts";

/**
 * The members of the job's record that say where it works.
 *
 * @throws {AgentAsyncError} `invalid_argument` for a place that cannot be made.
 */
export function isolationOfStart(
  { isolation, with_changes }: Pick<StartRequest, "isolation" | "with_changes">,
  { cwd, tree, policy, projects, otherwise }: {
    cwd: string;
    tree: Tree;
    policy: ApprovalPolicy;
    projects: Projects;
    /** `default_isolation` of the configuration. */
    otherwise: "none" | "worktree";
  },
): Pick<Job, "isolation" | "place_from" | "setup"> {
  const around = projectsAround(projects, cwd);
  const configured = around.findLast((project) => project.isolation !== undefined)?.isolation ?? otherwise;
  if (isolation === "worktree" && tree.kind !== "git") {
    throw invalidArgument(
      "isolation",
      `worktree needs a git work tree, and ${cwd} lies in none`,
      "Use none, or a directory of a git repository.",
    );
  }
  // A job that may not write needs no place, unless it is asked for one.
  const isWanted = isolation ?? (mayWrite(policy) && tree.kind === "git" ? configured : "none");
  if (isWanted === "none") {
    if (with_changes !== true) return {};
    throw invalidArgument("with_changes", "means nothing without isolation worktree");
  }
  const setup = around.findLast((project) => project.setup !== undefined)?.setup;
  return {
    isolation: "worktree",
    ...(with_changes === true ? { place_from: "changes" } : {}),
    ...(setup === undefined ? {} : { setup }),
  };
}
