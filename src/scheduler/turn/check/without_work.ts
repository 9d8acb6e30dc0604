/**
 * Room `scheduler`: whether a check fails in the same way on the files as they were before the job: then its cause may
 * not be the job's work. Rule of this file: it is asked when the agent is not given another try, and costs it none. A
 * failing check usually means that the work is not done yet, which is what a repair is for.
 *
 * @module
 */
import { join, relative } from "node:path";
import type { JobCheck } from "../../../domain/job/check.ts";
import { ifExists } from "../../../system/files/files.ts";
import { removeTree } from "../../../system/files/removal.ts";
import type { TurnRun } from "../run.ts";
import type { CheckEnd } from "./check_run.ts";

export const FAILS_WITHOUT_WORK =
  "The check fails in the same way on the files as they were before the job: its cause may not be this work.";

/** Ms for a run on the files before: as long as the run on the work took, and a while more, but not for ever. */
const MORE_MS = 20_000;
const MOST_MS = 120_000;

/** A path from the root or the home directory, other than a program's: a command with one tells not only of the tree. */
const OTHER_PLACES = /(?:^|[\s'"=<>(:;|&])(?:\/(?!(?:usr|bin|sbin|opt|dev)\/)|~|\$HOME|\$\{HOME)/;

/** What differs from run to run: times, and how long something took. */
const VARYING = /\d+(?:[.,]\d+)?\s?(?:ns|µs|us|ms|s|sec|secs|seconds|m|min)\b|\d\d:\d\d:\d\d(?:[.,]\d+)?/g;

export interface WithoutWorkOptions {
  readonly run: TurnRun;
  readonly check: JobCheck;
  /** How the check ended on the work. */
  readonly end: CheckEnd;
  /** Runs the check in another directory; `null` when this daemon leaves. */
  readonly runIn: (cwd: string, limitMs: number) => Promise<CheckEnd | null>;
}

/** Whether it fails alike; `"left"` when this daemon leaves meanwhile. Where that cannot be known it is `false`. */
export async function failsWithoutWork(
  { run, check, end, runIn }: WithoutWorkOptions,
): Promise<boolean | "left"> {
  const { changes, directory } = run.options;
  if (end.kind !== "exited" || changes == null || OTHER_PLACES.test(check.command)) return false;
  const tree = join(run.files.check(0).path, "tree");
  const isThere = ifExists(() => Deno.lstatSync(tree)) !== null;
  if (!isThere && !await changes.writeBefore(directory.turn(1), tree)) return false;
  const cwd = join(tree, relative(run.where.root, run.where.cwd));
  const before = await runIn(cwd, Math.min(MOST_MS, end.seconds * 1_000 + MORE_MS));
  // The next daemon finds the run by its files.
  if (before === null) return "left";
  await removeTree(tree).catch(() => {});
  return before.kind === "exited" && before.exitCode === end.exitCode &&
    comparable(before.tail, tree) === comparable(end.tail, run.where.root);
}

function comparable(tail: string, root: string): string {
  return tail.replaceAll(root, "").replace(VARYING, "");
}
