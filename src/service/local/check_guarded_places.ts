/**
 * Room `service`: directories in which no job works below `full-auto`: those in which a change of a file decides what
 * is run later, outside of every sandbox. Seen: a job in a home directory wrote a command into our own `config.json`.
 *
 * @module
 */
import { join } from "node:path";
import { invalidArgument } from "../../domain/errors.ts";
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { ifOurs } from "../../system/files/files.ts";
import { isThere } from "../../system/files/is_there.ts";
import { isWithin } from "../../system/files/within.ts";

export interface GuardedPlace {
  /** What it is: "the state directory of agent-async". */
  readonly what: string;
  /** Absolute; one that is not there guards nothing. */
  readonly path: string;
  /** Names of directories in it in which jobs may work all the same. */
  readonly except?: readonly string[];
}

/**
 * @param directory.cwd absolute
 * @param directory.root of the repository around it, or the same
 * @throws {AgentAsyncError} `invalid_argument` for one that contains a guarded place, or lies in one.
 */
export function checkGuardedPlaces(
  directory: { cwd: string; root: string },
  policy: ApprovalPolicy,
  places: readonly GuardedPlace[],
): void {
  if (policy === "full-auto") return;
  const cwd = realPath(directory.cwd) ?? directory.cwd;
  for (const place of places) {
    const path = realPath(place.path);
    if (path === null) continue;
    for (const inner of new Set([cwd, directory.root])) {
      const verb = isWithin(path, inner) ? "contains" : liesIn(inner, { ...place, path }) ? "lies in" : null;
      if (verb === null) continue;
      const subject = inner === cwd ? directory.cwd : `the repository ${inner} around ${directory.cwd}`;
      throw invalidArgument(
        "cwd",
        `${subject} ${verb} ${place.what} (${path}): what a job changes there would be run later, outside of its sandbox`,
        "Use the directory of the project itself, or, if the agent may do everything, approval_policy full-auto.",
      );
    }
  }
}

function liesIn(inner: string, { path, except = [] }: GuardedPlace): boolean {
  return isWithin(inner, path) &&
    !except.some((name) => isWithin(inner, join(path, name)) && inner !== join(path, name));
}

function realPath(path: string): string | null {
  return isThere(path) ? ifOurs(() => Deno.realPathSync(path)) : null;
}
