/**
 * Room `places`: brings what the caller has not committed into a new place, unstaged.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { PlacesHome } from "../places_home.ts";
import { readRawChanges, type TreeEntry } from "../snapshots/hold_objects.ts";
import type { Repository } from "../snapshots/repository.ts";
import type { Snapshot } from "../snapshots/snapshot.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { takeSnapshot } from "../snapshots/take_snapshot.ts";
import { writeFiles } from "../writing/write_journal.ts";
import { planWrites } from "../writing/write_plan.ts";

/** @returns sentences about what stayed behind @throws AgentAsyncError `conflict` when a tree cannot be read */
export async function takeUncommitted(
  home: PlacesHome,
  { repository, root, signal }: { repository: Repository; root: string; signal: AbortSignal | undefined },
): Promise<string[]> {
  const theirs = await snapshotOf(home, repository.root, { signal });
  const ours = await snapshotOf(home, root, { signal, origin: repository.root });
  const [from] = ours.parts;
  const [to] = theirs.parts;
  if (from === undefined || to === undefined) return [];
  const objects = [...new Set([...from.objects, ...to.objects])];
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", from.tree, to.tree];
  const { text } = await openStore(home, to.store).run(args, { alternates: objects, signal });
  const { changes } = readRawChanges(text);
  const side = (name: "before" | "after") =>
    new Map(changes.flatMap((change): [string, TreeEntry][] => {
      const entry = change[name];
      return entry === null ? [] : [[change.path, entry]];
    }));
  const writes = planWrites({ from: side("before"), to: side("after") }, {
    at: "",
    store: to.store,
    objects,
  });
  const [conflict] = await writeFiles(home, root, writes);
  if (conflict !== undefined) throw new AgentAsyncError("conflict", `${conflict.path} ${conflict.why}`);
  return [...theirs.noted, ...theirs.uncovered].map(({ path }) => `${path} was not copied.`);
}

async function snapshotOf(
  home: PlacesHome,
  directory: string,
  options: { signal: AbortSignal | undefined; origin?: string },
): Promise<Snapshot> {
  const result = await takeSnapshot(home, directory, options);
  if (result.kind === "taken") return result.snapshot;
  throw new AgentAsyncError("conflict", `Cannot bring uncommitted changes into a place: ${result.reason}`);
}
