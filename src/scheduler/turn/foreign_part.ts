/**
 * Room `scheduler`: checks that a job directory belongs to this user, with the files in it that decide what is run.
 *
 * @module
 */
import { join } from "node:path";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import { ifOurs } from "../../system/files/files.ts";

/** A file or directory that must not be trusted, and what is wrong with it, for the log. */
export interface ForeignPart {
  path: string;
  problem: string;
}

/** The first part that belongs to another user, is a link, or is not the file or directory it should be. */
export function foreignPart(directory: JobDirectory): ForeignPart | null {
  const turns = join(directory.path, "turns");
  const problem = partProblem(directory.path, "directory") ?? partProblem(directory.recordFile, "file") ??
    partProblem(turns, "directory");
  if (problem !== null) return problem;
  for (const number of ifOurs(() => directory.turns()) ?? []) {
    const turn = directory.turn(number);
    const found = partProblem(turn.path, "directory") ??
      [turn.requestFile, turn.outcomeFile, turn.promptFile, turn.envFile].map((path) =>
        partProblem(path, "file")
      )
        .find((part) => part !== null);
    if (found) return found;
  }
  return null;
}

/** As {@link foreignPart}, for one path; `null` when it is fine or does not exist. */
export function partProblem(path: string, kind: "file" | "directory"): ForeignPart | null {
  const info = ifOurs(() => Deno.lstatSync(path));
  if (info === null) return null;
  const uid = Deno.build.os === "windows" ? null : Deno.uid();
  if (info.isSymlink) return { path, problem: "is a symbolic link" };
  if (uid !== null && info.uid !== null && info.uid !== uid) {
    return { path, problem: `belongs to the user with id ${info.uid}` };
  }
  if (kind === "directory" ? !info.isDirectory : !info.isFile) return { path, problem: `is no ${kind}` };
  return kind === "file" && (info.nlink ?? 1) > 1
    ? { path, problem: "has another name (a hard link)" }
    : null;
}
