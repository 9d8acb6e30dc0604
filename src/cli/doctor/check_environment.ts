/**
 * Room `cli`: the check of `doctor` on environment variables that begin with `AGENT_ASYNC_`. A variable that nothing
 * reads is probably
 * a mistyped setting.
 *
 * @module
 */
import { closestName } from "../../config/closest_name.ts";
import { leafKeys } from "../../config/leaf_keys.ts";
import { type Check, warn } from "./check.ts";

const OURS = "AGENT_ASYNC_";

/** Names that are not settings: directories, URLs, and the marks that jobs and their commands carry. */
const KNOWN = ["HOME", "INSTALL_DIR", "RELEASE_URL", "JOB_ID", "DEPTH", "FINISHED_JOB_ID", "HOST_DIRECTORY"]
  .map((name) => `${OURS}${name}`);

/** @param agents names of the configured agents, each of which has variables of its own. */
export function checkEnvironment(env: Readonly<Record<string, string>>, agents: readonly string[]): Check[] {
  const known = [...KNOWN, ...leafKeys(agents).map(({ variable }) => variable)];
  return Object.keys(env).filter((name) => name.startsWith(OURS) && !known.includes(name)).map((name) => {
    const near = closestName(name.slice(OURS.length), known.map((other) => other.slice(OURS.length)));
    const fix = near === null ? "" : `Did you mean ${OURS}${near}? `;
    return warn(
      "environment",
      `${name} is set, and nothing reads it`,
      `${fix}agent-async config --json names the variable of every setting.`,
    );
  });
}
