/**
 * Room `places`: packs the commit that a place begins from, with all its files and without its history. Should the
 * user's repository lose it, the place is whole all the same. It is done beside the agent's work: a large repository
 * takes seconds, and as long as nothing is collected there, nothing is missing.
 *
 * @module
 */
import { join } from "node:path";
import type { PlacesHome } from "../places_home.ts";
import { type Place, readPlace } from "./place.ts";

/** A large repository on a slow machine. */
const MAX_MS = 30 * 60_000;

const running = new Map<string, { readonly ending: AbortController; readonly done: Promise<boolean> }>();

/** Begins to pack; does nothing when it has begun or is done. */
export function startPacking(home: PlacesHome, place: Place): void {
  if (running.has(place.root) || isPacked(place)) return;
  const ending = new AbortController();
  const done = pack(home, place, ending.signal).then(() => true, () => false)
    .finally(() => running.delete(place.root));
  running.set(place.root, { ending, done });
}

/** Resolves when the base of the job's place is packed. @returns whether it is */
export async function packed(home: PlacesHome, job: string): Promise<boolean> {
  const place = readPlace(home, job);
  if (place === null) return false;
  await running.get(place.root)?.done;
  return isPacked(place);
}

/** Ends the packing, so that the place can be removed. */
export async function stopPacking(root: string): Promise<void> {
  const packing = running.get(root);
  packing?.ending.abort();
  await packing?.done;
}

function mark(root: string): string {
  return join(root, ".git", "objects", "pack", "base-is-packed");
}

function isPacked({ root }: Place): boolean {
  try {
    return Deno.statSync(mark(root)).isFile;
  } catch {
    return false;
  }
}

async function pack(home: PlacesHome, { root, base }: Place, signal: AbortSignal): Promise<void> {
  const gitDir = join(root, ".git");
  const run = { gitDir, timeoutMs: MAX_MS, signal };
  const args = ["rev-list", "--objects", "--no-object-names", "--missing=allow-any", `${base}^{tree}`];
  const { text } = await home.git.run(args, run);
  await home.git.run(["pack-objects", "-q", "--window=0", join(gitDir, "objects/pack/pack")], {
    ...run,
    stdin: `${base}\n${text}`,
  });
  await Deno.writeTextFile(mark(root), "");
}
