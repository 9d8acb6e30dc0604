/**
 * Room `service`, part of `LocalService`: the check that a start asks for. A named one is the user's word, wherever the
 * name comes from; any other command would run outside of the agent's sandbox and needs the policy that has none.
 *
 * @module
 */
import { DEFAULT_CHECK_ATTEMPTS, type JobCheck } from "../../domain/job/check.ts";
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { invalidArgument } from "../../domain/errors.ts";
import type { StartRequest } from "../requests.ts";
import { type Projects, projectsAround } from "./projects.ts";

/**
 * `undefined` for a start without a check.
 *
 * @param options.cwd symbolic links resolved
 * @param options.hasSandbox whether an agent can run a command in its sandbox
 * @throws {AgentAsyncError} `invalid_argument` for a command that the policy does not allow, or that cannot be run.
 */
export function checkOfStart(
  { check, check_attempts: given }: Pick<StartRequest, "check" | "check_attempts">,
  { cwd, policy, projects, hasSandbox }: {
    cwd: string;
    policy: ApprovalPolicy;
    projects: Projects;
    hasSandbox: (agent: string) => boolean;
  },
): JobCheck | undefined {
  if (check === undefined) return undefined;
  const attempts = given ?? DEFAULT_CHECK_ATTEMPTS;
  const checks = checksOf(projects, cwd);
  const named = checks.get(check);
  if (typeof named === "string") return { name: check, command: named, attempts };
  if (named !== undefined) {
    const { sandbox } = named;
    if (sandbox === undefined || hasSandbox(sandbox)) return { name: check, ...named, attempts };
    throw invalidArgument(
      "check",
      `${JSON.stringify(check)} is to run in the sandbox of ${JSON.stringify(sandbox)}, which has none`,
      "Correct sandbox of that check in config.json.",
    );
  }
  if (policy === "full-auto") return { command: check, attempts };
  const names = [...checks.keys()];
  throw invalidArgument(
    "check",
    `${
      JSON.stringify(check)
    } is not the name of a check for ${cwd} in the configuration, and under ${policy} no ` +
      "other command is run outside of the agent's sandbox",
    names.length === 0
      ? `Name it in config.json, under projects.<directory>.checks, or start the job with approval_policy full-auto.`
      : `Use ${names.join(" or ")}, add it to projects.<directory>.checks in config.json, or use full-auto.`,
  );
}

/** The checks of all projects that `cwd` lies in; of two with one name that of the inner project. */
function checksOf(projects: Projects, cwd: string) {
  return new Map(projectsAround(projects, cwd).flatMap(({ checks }) => Object.entries(checks ?? {})));
}
