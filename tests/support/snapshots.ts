/**
 * Test support: snapshots of a user's repository, and what is in them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Change } from "../../src/places/changes/change.ts";
import type { Place } from "../../src/places/isolation/place.ts";
import { keepChange } from "../../src/places/changes/keep_change.ts";
import { type PlacesHome, placesHome } from "../../src/places/places_home.ts";
import type { Snapshot } from "../../src/places/snapshots/snapshot.ts";
import { openStore } from "../../src/places/snapshots/snapshot_store.ts";
import { type SnapshotOptions, takeSnapshot } from "../../src/places/snapshots/take_snapshot.ts";
import { fileBytes, type UserRepository } from "./user_repository.ts";

/** The state directory of a test, with the settings of its user. */
export function homeOf({ base, home }: Pick<UserRepository, "base" | "home">): PlacesHome {
  const state = join(base, "state");
  Deno.mkdirSync(state, { recursive: true, mode: 0o700 });
  return placesHome(state, { env: { ...Deno.env.toObject(), HOME: home, XDG_CONFIG_HOME: "" } });
}

/** A snapshot that must succeed. */
export async function snapshotOf(
  home: PlacesHome,
  directory: string,
  options: SnapshotOptions = {},
): Promise<Snapshot> {
  const result = await takeSnapshot(home, directory, options);
  assert.equal(result.kind, "taken", result.kind === "none" ? result.reason : "");
  assert.ok(result.kind === "taken");
  return result.snapshot;
}

/**
 * What the snapshot holds, in the form of `treeBytes`.
 *
 * @param options.alone whether the user's objects are left out
 */
export async function snapshotBytes(
  home: PlacesHome,
  { parts }: Pick<Snapshot, "parts">,
  { alone = false }: { alone?: boolean } = {},
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { at, store: name, objects, tree } of parts) {
    const store = openStore(home, name);
    const run = { alternates: alone ? [] : objects };
    const { text } = await store.run(["ls-tree", "-r", "-z", tree], run);
    for (const line of text.split("\0").filter((line) => line !== "")) {
      const [, mode = "", id = "", path = ""] = /^(\d+) \w+ (\S+)\t(.*)$/s.exec(line) ?? [];
      const { bytes } = await store.run(["cat-file", "blob", id], run);
      found[(at === "" ? "" : `${at}/`) + path] = mode === "120000"
        ? `-> ${new TextDecoder().decode(bytes)}`
        : fileBytes(mode.slice(-3), bytes);
    }
  }
  return found;
}

/** What `turn` changes below `directory`, from snapshot to snapshot. */
export async function changeOf(
  home: PlacesHome,
  directory: string,
  turn: () => void | Promise<void>,
  options: SnapshotOptions = {},
): Promise<Change> {
  const before = await snapshotOf(home, directory, options);
  await turn();
  const result = await keepChange(home, { before, after: await snapshotOf(home, directory, options) });
  assert.equal(result.kind, "known", result.kind === "none" ? result.reason : "");
  assert.ok(result.kind === "known");
  return result.change;
}

/** What `turn` changes in a place; kept in the store of the repository that it was made from. */
export function changeInPlace(
  home: PlacesHome,
  { root, origin }: Pick<Place, "root" | "origin">,
  turn: () => void | Promise<void>,
): Promise<Change> {
  return changeOf(home, root, turn, { origin });
}
