/**
 * Room `places`: places whose jobs are gone, as after a crash between the removal of a job and of its place. Rule of
 * this file: what such a place holds beyond its base is kept as a patch before it goes.
 *
 * @module
 */
import { join } from "node:path";
import { ifOurs } from "../../system/files/files.ts";
import { isThere } from "../../system/files/is_there.ts";
import { keepChange } from "../changes/keep_change.ts";
import { writePatch } from "../changes/write_patch.ts";
import type { PlacesHome } from "../places_home.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { takeSnapshot } from "../snapshots/take_snapshot.ts";
import { discardPlace } from "./discard_place.ts";
import { type Place, readPlace } from "./place.ts";

/** Names of the directories that are named for jobs: places, and what was not made to the end. */
export function placeNames({ places }: PlacesHome): string[] {
  return (ifOurs(() => [...Deno.readDirSync(places)]) ?? [])
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith(".")).map(({ name }) => name);
}

/**
 * Removes the place of a job that is gone.
 *
 * @returns the path of the patch that holds what was in it; `null` where there was nothing
 * @throws an error when what is in it cannot be kept: then it stays as it is
 */
export async function removeOrphan(home: PlacesHome, job: string): Promise<string | null> {
  const place = readPlace(home, job);
  const patch = place === null ? null : await keepPlace(home, place);
  await discardPlace(home, job);
  return patch;
}

async function keepPlace(home: PlacesHome, { job, root, origin, base }: Place): Promise<string | null> {
  const path = join(home.patches, `${job}.patch`);
  // It was written when the job was removed.
  if (isThere(path)) return path;
  const taken = await takeSnapshot(home, root, isThere(origin) ? { origin } : {});
  if (taken.kind === "none") throw new Error(taken.reason);
  const { snapshot } = taken;
  const [part] = snapshot.parts;
  if (part === undefined) return null;
  const tree = await openStore(home, part.store).line(["rev-parse", "--verify", `${base}^{tree}`], {
    alternates: part.objects,
  });
  const before = { ...snapshot, parts: [{ ...part, tree, head: base }], noted: [], uncovered: [] };
  const kept = await keepChange(home, { before, after: snapshot });
  if (kept.kind === "none") throw new Error(kept.reason);
  const { parts, noted } = kept.change;
  if (parts.length === 0 && noted.length === 0) return null;
  await writePatch(home, kept.change, path);
  return path;
}
