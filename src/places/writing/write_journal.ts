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
  readTextIfOurs,
  removeIfExists,
  syncDirectory,
  writeDurably,
} from "../../system/files/files.ts";
import { isSame } from "../changes/small_tree.ts";
import type { PlacesHome } from "../places_home.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { readBlobs } from "./blobs.ts";
import { FileWrite, InTheWay, isState, removeFile, stateOf, writeFile } from "./file_write.ts";
import { dropMove, HeadMove, moveHead } from "./head_move.ts";
import type { Conflict } from "./merge_trees.ts";

const Journal = z.object({
  id: z.string(),
  root: z.string(),
  writes: z.array(FileWrite),
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
  { then }: { then?: HeadMove } = {},
): Promise<Conflict[]> {
  if (writes.length === 0 && then === undefined) return [];
  const journal: Journal = {
    id: crypto.randomUUID(),
    root,
    writes: writes.map((write) => ({ ...write, ...bitsAt(root, write.path) })),
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

/** For taking it back. */
function bitsAt(root: string, path: string): Pick<FileWrite, "from_bits"> {
  const info = ifOurs(() => Deno.lstatSync(join(root, path)));
  return info !== null && info.isFile && info.mode !== null ? { from_bits: info.mode & 0o777 } : {};
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
    // One that was not written whole was written before anything was done.
    if (journal !== null) recovered.push(await recover(home, journal));
    removeIfExists(path);
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
  const { root, writes } = journal;
  const foreign: string[] = [];
  for (const [index, write] of writes.entries()) {
    await removeFile(join(root, `${write.path}/..`, temporaryName(journal, index))).catch(() => {});
    const state = await stateOf(root, write.path, { idLength: idLengthOf(write) });
    if (!isState(state, write.from) && !isState(state, write.to)) foreign.push(write.path);
  }
  try {
    if (foreign.length === 0) await finish(home, journal);
    else await takeBack(home, journal);
    return { root, outcome: foreign.length === 0 ? "finished" : "taken back", foreign };
  } catch (error) {
    if (error instanceof InTheWay && foreign.length === 0) {
      await takeBack(home, journal);
      return { root, outcome: "taken back", foreign: [error.path] };
    }
    return { root, outcome: "given up", foreign };
  }
}

async function finish(home: PlacesHome, journal: Journal): Promise<void> {
  await go(home, journal, "to");
  if (journal.then === undefined || moveHead(journal.then)) return;
  throw new InTheWay(journal.then.ref, "has just been moved");
}

/** Brings every file that is not yet there to one side. Files that are neither are an error. */
async function go(home: PlacesHome, journal: Journal, side: "from" | "to"): Promise<void> {
  const other = side === "to" ? "from" : "to";
  const writes = [...journal.writes.entries()].map(([index, write]) => ({
    index,
    write: {
      ...write,
      from: write[other],
      to: write[side],
      to_bits: side === "to" ? write.to_bits : write.from_bits,
    },
  }));
  const removals = writes.filter(({ write }) => write.to === null);
  for (const item of side === "to" ? removals : removals.reverse()) {
    await bring(journal, item, new Uint8Array());
  }
  const rest = writes.filter(({ write }) => write.to !== null);
  for (const [store, items] of Map.groupBy(rest, ({ write }) => write.store)) {
    const alternates = [...new Set(items.flatMap(({ write }) => write.objects))];
    const byId = Map.groupBy(items, ({ write }) => write.to?.id ?? "");
    for await (const blobs of readBlobs(openStore(home, store), [...byId.keys()], { alternates })) {
      for (const [id, bytes] of blobs) {
        for (const item of byId.get(id) ?? []) await bring(journal, item, bytes);
      }
    }
  }
}

async function bring(
  journal: Journal,
  { index, write }: { index: number; write: FileWrite },
  bytes: Uint8Array,
): Promise<void> {
  const state = await stateOf(journal.root, write.path, { idLength: idLengthOf(write) });
  if (isState(state, write.to) && !isSame(write.from, write.to)) return;
  await writeFile(journal.root, write, { bytes, temporary: temporaryName(journal, index) });
}

/** Files that somebody has changed meanwhile stay as they are. */
async function takeBack(home: PlacesHome, journal: Journal): Promise<void> {
  const ours: FileWrite[] = [];
  for (const write of journal.writes) {
    const state = await stateOf(journal.root, write.path, { idLength: idLengthOf(write) });
    if (isState(state, write.to)) ours.push(write);
  }
  await go(home, { ...journal, writes: ours }, "from");
  if (journal.then !== undefined) dropMove(journal.then);
}

function temporaryName({ id }: Journal, index: number): string {
  return `.agent-async-${id}-${index}`;
}

function idLengthOf({ from, to }: FileWrite): number {
  return (from ?? to)?.id.length ?? 40;
}
