/**
 * Room `mcp`: the names of the toolsets, apart from the tools so that a wrong one is refused before anything loads.
 *
 * @module
 */
import { invalidArgument } from "../../domain/errors.ts";

export const TOOLSET_NAMES = ["jobs", "codex", "agents", "starts", "stream"] as const;
export type ToolsetName = typeof TOOLSET_NAMES[number];

/** Tools that decide in a person's place: never called without asking. */
export const NEVER_ALLOWED: readonly string[] = ["job_answer", "job_apply"];

/**
 * @param names as given by `--toolsets` and the configuration; `all` is every one.
 * @throws {AgentAsyncError} `invalid_argument` that names the known ones.
 */
export function readToolsetNames(names: readonly string[]): ToolsetName[] {
  if (names.length === 0) throw invalidArgument("toolsets", `name at least one of ${known()}`);
  const read = names.flatMap((name) => name === "all" ? TOOLSET_NAMES : [readToolsetName(name)]);
  return [...new Set(read)];
}

function readToolsetName(name: string): ToolsetName {
  const found = TOOLSET_NAMES.find((one) => one === name);
  if (found === undefined) {
    throw invalidArgument("toolsets", `there is no ${JSON.stringify(name)}; there are ${known()}`);
  }
  return found;
}

function known(): string {
  return [...TOOLSET_NAMES, "all"].join(", ");
}
