/**
 * Room `places`: merges a job's commit with the one that is checked out, in trees only.
 *
 * @module
 */
import type { SnapshotStore } from "../snapshots/snapshot_store.ts";
import { conflictLines } from "../writing/conflict_lines.ts";
import { type Conflict, conflictsOf } from "../writing/merge_trees.ts";

interface CommitRun {
  readonly alternates: readonly string[];
  readonly objects: string;
  readonly signal: AbortSignal | undefined;
}

export type Merged =
  /** `commit` is what the branch becomes: the job's own where nothing happened beside it. */
  | { readonly kind: "merged"; readonly commit: string }
  | { readonly kind: "conflicts"; readonly conflicts: readonly Conflict[] };

export async function mergeCommits(
  git: SnapshotStore,
  { head, commit, message }: { head: string; commit: string; message: string },
  run: CommitRun,
): Promise<Merged> {
  if (await isAncestor(git, commit, head, run)) return { kind: "merged", commit: head };
  if (await isAncestor(git, head, commit, run)) return { kind: "merged", commit };
  const args = [
    "merge-tree",
    "--write-tree",
    "-z",
    "--no-messages",
    "--allow-unrelated-histories",
    head,
    commit,
  ];
  const { text, code } = await git.run(args, { ...run, codes: [1] });
  const [tree = ""] = text.split("\0", 1);
  if (code === 1) {
    const lines = (path: string) => conflictLines(git, { tree, path }, run);
    return { kind: "conflicts", conflicts: await conflictsOf(text, lines) };
  }
  const merge = ["commit-tree", "-p", head, "-p", commit, "-F", "-", tree];
  return { kind: "merged", commit: await git.line(merge, { ...run, stdin: message }) };
}

async function isAncestor(git: SnapshotStore, one: string, other: string, run: CommitRun): Promise<boolean> {
  const { code } = await git.run(["merge-base", "--is-ancestor", one, other], { ...run, codes: [1] });
  return code === 0;
}
