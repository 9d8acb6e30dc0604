/**
 * Room `places`: changes several files of the user's, all or none. Rule of this file: what is going to be done is
 * durable before the first file is touched, so that a death in the middle is finished, or taken back, by the next
 * daemon.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import {
  ensurePrivateDirectory,
  ifOurs,
  removeIfExists,
  syncDirectory,
  writeDurably,
} from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { PlacesHome } from "../places_home.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { readBlobs } from "./blobs.ts";
import { FileWrite, InTheWay, isState, stateOf } from "./file_write.ts";
import { dropMove, HeadMove, moveHead } from "./head_move.ts";
import type { Conflict } from "./merge_trees.ts";
import { bitsAt, bringMode, ModeWrite, takeModeBack } from "./mode_write.ts";
import { Staging } from "./staging.ts";

const Journal = z.object({
  id: z.string(),
  root: z.string(),
  writes: z.array(FileWrite),
  /** Files that get other permissions and nothing else, when all files are written. */
  modes: z.array(ModeWrite).optional(),
  /** What is done when all files are written. */
  then: HeadMove.optional(),
});
type Journal = z.infer<typeof Journal>;

/**
 * Does all the writes, or none.
 *
 * @returns why nothing was changed; empty when all is done
 * @throws errors of the file system and of git, when nothing was changed; what could not be taken back is in a journal
 */
export async function writeFiles(
  home: PlacesHome,
  root: string,
  writes: readonly FileWrite[],
  { modes = [], then }: { modes?: readonly ModeWrite[]; then?: HeadMove } = {},
): Promise<Conflict[]> {
  if (writes.length === 0 && modes.length === 0 && then === undefined) return [];
  const journal: Journal = {
    id: crypto.randomUUID(),
    root,
    writes: [...writes],
    ...(modes.length === 0 ? {} : { modes: [...modes] }),
    ...(then === undefined ? {} : { then }),
  };
  ensurePrivateDirectory(home.journals);
  const path = join(home.journals, `${journal.id}.json`);
  try {
    await writeDurably(path, new TextEncoder().encode(JSON.stringify(journal)));
    syncDirectory(home.journals);
    await finish(home, journal);
  } catch (error) {
    await takeBack(home, journal);
    removeIfExists(path);
    if (error instanceof InTheWay) return [{ path: error.path, lines: null, why: error.why }];
    throw error;
  }
  removeIfExists(path);
  return [];
}

export interface RecoveredWrites {
  readonly root: string;
  readonly outcome: "finished" | "taken back" | "given up";
  /** Files that somebody else has changed since: they were left as they are. */
  readonly foreign: readonly string[];
}

/**
 * Finishes what a daemon began before it died; takes it back where somebody has changed one of the files since. To be
 * called before anything else writes in these trees.
 *
 * @param options.root only this tree
 */
export async function recoverWrites(
  home: PlacesHome,
  { root }: { root?: string } = {},
): Promise<RecoveredWrites[]> {
  const recovered: RecoveredWrites[] = [];
  for (const { name } of ifOurs(() => [...Deno.readDirSync(home.journals)]) ?? []) {
    const path = join(home.journals, name);
    const journal = readJournal(path);
    if (journal !== null && root !== undefined && journal.root !== root) continue;
    const outcome = journal === null ? null : await recover(home, journal);
    if (outcome !== null) recovered.push(outcome);
    // One that was not written whole was written before anything was done. What was given up is tried again later.
    if (outcome?.outcome !== "given up" || !isDirectory(outcome.root)) removeIfExists(path);
  }
  return recovered;
}

function readJournal(path: string): Journal | null {
  try {
    return Journal.parse(JSON.parse(readTextIfOurs(path) ?? ""));
  } catch {
    return null;
  }
}

async function recover(home: PlacesHome, journal: Journal): Promise<RecoveredWrites> {
  const { root } = journal;
  // A repository that was moved away is not made anew where it was.
  if (!isDirectory(root)) return { root, outcome: "given up", foreign: [] };
  try {
    await finish(home, journal);
    return { root, outcome: "finished", foreign: [] };
  } catch {
    const foreign = await foreignFiles(journal);
    try {
      await takeBack(home, journal);
      return { root, outcome: "taken back", foreign };
    } catch {
      return { root, outcome: "given up", foreign };
    }
  }
}

function isDirectory(path: string): boolean {
  return ifOurs(() => Deno.statSync(path).isDirectory) ?? false;
}

async function foreignFiles({ root, writes, modes = [] }: Journal): Promise<string[]> {
  const foreign: string[] = [];
  for (const write of writes) {
    const state = await stateOf(root, write);
    if (!isState(state, write.from) && !isState(state, write.to)) foreign.push(write.path);
  }
  for (const { path, from, to } of modes) {
    if (![from, to].includes(await bitsAt(root, path) ?? NaN)) foreign.push(path);
  }
  return foreign;
}

/** Whatever was done of it before. @throws InTheWay when a file is neither as it was nor as it is to become */
async function finish(home: PlacesHome, journal: Journal): Promise<void> {
  const { root, writes, modes = [] } = journal;
  const staging = new Staging(root, journal.id);
  await staging.open();
  const states = await Promise.all(writes.map((write) => stateOf(root, write)));
  const missing = [...writes.entries()].filter(([index, { to }]) =>
    to !== null && !isState(states[index] ?? null, to)
  );
  await prepare(home, staging, missing);
  for (const [index, write] of writes.entries()) await staging.bring(index, write);
  for (const mode of modes) await bringMode(root, mode);
  if (journal.then !== undefined && !moveHead(journal.then)) {
    throw new InTheWay(journal.then.ref, "has just been moved");
  }
  await staging.remove();
}

async function prepare(
  home: PlacesHome,
  staging: Staging,
  writes: readonly (readonly [number, FileWrite])[],
): Promise<void> {
  for (const [store, items] of Map.groupBy(writes, ([, { store }]) => store)) {
    const alternates = [...new Set(items.flatMap(([, { objects }]) => objects))];
    const byId = Map.groupBy(items, ([, { to }]) => to?.id ?? "");
    for await (const blobs of readBlobs(openStore(home, store), [...byId.keys()], { alternates })) {
      for (const [id, bytes] of blobs) {
        for (const [index, write] of byId.get(id) ?? []) await staging.prepare(index, write, bytes);
      }
    }
  }
}

/** Files that somebody has changed meanwhile stay as they are. What was added goes first: it may be in the way. */
async function takeBack(home: PlacesHome, journal: Journal): Promise<void> {
  const { root, writes, modes = [] } = journal;
  const staging = new Staging(root, journal.id);
  for (const mode of modes.toReversed()) await takeModeBack(root, mode);
  const all = [...writes.entries()].reverse();
  const added = all.filter(([, { from }]) => from === null);
  const others = all.filter(([, { from }]) => from !== null);
  const lost: [number, FileWrite][] = [];
  for (const [index, write] of [...added, ...others]) {
    if (!await staging.takeBack(index, write)) lost.push([index, write]);
  }
  if (lost.length > 0) await restore(home, staging, lost);
  if (journal.then !== undefined) dropMove(journal.then);
  await staging.remove();
}

/** Of what is not kept in the work tree, the store has the content. */
async function restore(
  home: PlacesHome,
  staging: Staging,
  lost: readonly [number, FileWrite][],
): Promise<void> {
  await staging.open();
  const turned = lost.map(([index, write]) => [index, { ...write, from: write.to, to: write.from }] as const);
  await prepare(home, staging, turned);
  for (const [index, write] of turned) await staging.bring(index, write);
}
