/**
 * Room `places`: the end of a place, and its `.git` before a person is led into it.
 *
 * @module
 */
import { join } from "node:path";
import { ifOurs } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import { removeTree } from "../../system/files/removal.ts";
import type { PlacesHome } from "../places_home.ts";
import { readRepository } from "../snapshots/repository.ts";
import { startPacking, stopPacking } from "./pack_base.ts";
import { configCopyPath, placeDirectory, readPlace } from "./place.ts";

/** What is being removed is renamed first: half a place must not be taken for one. */
const GOING = ".going-";

/**
 * Removes the place of a job with everything in it. What the job changed is kept by its changes.
 *
 * @returns whether there was one
 */
export async function discardPlace(home: PlacesHome, job: string): Promise<boolean> {
  const place = readPlace(home, job);
  if (place !== null) await stopPacking(place.root);
  const going = join(home.places, `${GOING}${crypto.randomUUID()}`);
  try {
    await Deno.rename(placeDirectory(home, job), going);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  await removeTree(going);
  return true;
}

/**
 * Finishes what a daemon that died has begun: removes places that were being removed, or were not made to the end, and
 * packs the bases of the others. To be called before any place is made.
 */
export async function recoverPlaces(home: PlacesHome): Promise<void> {
  for (const { name, isDirectory } of ifOurs(() => [...Deno.readDirSync(home.places)]) ?? []) {
    if (!isDirectory || join(home.places, name) === home.journals) continue;
    const place = name.startsWith(GOING) ? null : readPlace(home, name);
    if (place === null) await removeTree(join(home.places, name));
    else startPacking(home, place);
  }
}

/**
 * Takes away from a place's `.git` what names programs: hooks, and settings that are not ours. The agent may have
 * written them, and the git of a person who works there would run them.
 *
 * @returns whether it is safe now; `false` when there is no such place, or its `.git` leads elsewhere
 */
export async function disarmPlace(home: PlacesHome, job: string): Promise<boolean> {
  const place = readPlace(home, job);
  const config = readTextIfOurs(configCopyPath(placeDirectory(home, job)));
  if (place === null || config === null) return false;
  const gitDir = join(place.root, ".git");
  const info = ifOurs(() => Deno.lstatSync(gitDir));
  if (info === null || !info.isDirectory || info.isSymlink) return false;
  for (
    const name of [
      "hooks",
      "config",
      "config.worktree",
      "commondir",
      "modules",
      "info/attributes",
      "worktrees",
    ]
  ) {
    await removeTree(join(gitDir, name));
  }
  const origin = await readRepository(place.origin, home.user).catch(() => null);
  const attributes = origin?.kind === "git"
    ? readTextIfOurs(join(origin.commonDir, "info/attributes"))
    : null;
  if (attributes !== null) Deno.writeTextFileSync(join(gitDir, "info/attributes"), attributes);
  Deno.mkdirSync(join(gitDir, "hooks"));
  Deno.writeTextFileSync(join(gitDir, "config"), config);
  return true;
}
