/**
 * Room `scheduler`: what a turn changed on disk, from a snapshot before its agent reads its prompt to one after nothing
 * of the turn runs any more. A snapshot that fails is no failure of the turn: then the change is unknown, with a reason.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { opened } from "../../../domain/reading/opened.ts";
import { parsedJson } from "../../../domain/reading/parsed_json.ts";
import type { TurnDirectory } from "../../../kernel/turn_directory.ts";
import { Change } from "../../../places/changes/change.ts";
import { keepChange } from "../../../places/changes/keep_change.ts";
import { type ChangedFile, listChanges } from "../../../places/changes/list_changes.ts";
import type { PlacesHome } from "../../../places/places_home.ts";
import { ignoredAmong } from "../../../places/snapshots/ignored_files.ts";
import { Snapshot } from "../../../places/snapshots/snapshot.ts";
import { takeSnapshot } from "../../../places/snapshots/take_snapshot.ts";
import { writeOut } from "../../../places/snapshots/write_out.ts";
import { messageOf } from "../../../domain/errors.ts";
import { ifExists, ifOurs, writeAtomically } from "../../../system/files/files.ts";
import { readTextIfOurs } from "../../../system/files/is_there.ts";

/** A snapshot or change as its file has it: or why there is none. */
const NoSnapshot = z.object({ kind: z.literal("none"), reason: z.string() });
const KeptSnapshot = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("taken"), snapshot: Snapshot }),
  NoSnapshot,
]);
type KeptSnapshot = z.infer<typeof KeptSnapshot>;
const KeptChange = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("known"), change: Change }),
  NoSnapshot,
]);
export type KeptChange = z.infer<typeof KeptChange>;

/** What changed on disk, for the turn's outcome. */
export interface DiskChange {
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Files that no snapshot covers, since git ignores them: only the agent's word is known. Absolute paths. */
  readonly ignored: readonly string[];
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

export type TurnChange =
  | { readonly kind: "known"; readonly disk: DiskChange }
  | { readonly kind: "none"; readonly reason: string };

export interface TurnChangesOptions {
  readonly home: PlacesHome;
  readonly files: TurnDirectory;
  /** Where the turn works. */
  readonly directory: string;
  /** The repository that its place was made from; absent outside of places. */
  readonly origin?: string | undefined;
}

export class TurnChanges {
  #before: Promise<void> | null = null;

  constructor(private readonly options: TurnChangesOptions) {}

  /**
   * Takes the snapshot before the turn, whose agent must not have been given its prompt. Never rejects.
   *
   * @param isLeft whether another daemon goes on with the turn, or nobody does: then nothing is written any more
   */
  before(isLeft: () => boolean): Promise<void> {
    return this.#before ??= this.options.home.gate.use(async () => {
      const taken = await this.#take();
      if (!isLeft()) this.#write("before.json", taken);
    });
  }

  /**
   * Takes the snapshot after the turn and tells what changed; to be called when nothing of the turn runs. May be called
   * again, by a later daemon too: then it tells the same. Never rejects.
   *
   * @param told absolute paths of files that the agent says it has changed
   */
  async after(told: readonly string[]): Promise<TurnChange> {
    // Of an agent that has ended before its prompt could be said.
    await this.#before;
    return await this.options.home.gate.use(async () => {
      const kept = this.#read("change.json", KeptChange) ?? await this.#compare(told);
      return await this.#told(kept);
    });
  }

  /** What a check changed after the turn: relative paths; `null` where that is unknown. Never rejects. */
  sinceAfter(): Promise<readonly string[] | null> {
    return this.options.home.gate.use(() => this.#sinceAfter());
  }

  /** Writes the files as they were before another turn of the job. Whether that worked; never rejects. */
  writeBefore(turn: TurnDirectory, to: string): Promise<boolean> {
    const { home } = this.options;
    return home.gate.use(async () => {
      const before = readRecord(turn, "before.json", KeptSnapshot);
      if (before?.kind !== "taken") return false;
      return await writeOut(home, before.snapshot, to).then(() => true, () => false);
    });
  }

  async #sinceAfter(): Promise<readonly string[] | null> {
    const { home } = this.options;
    const after = this.#read("after.json", KeptSnapshot);
    if (after?.kind !== "taken") return null;
    const now = await this.#take();
    if (now.kind !== "taken") return null;
    const kept = await keepChange(home, { before: after.snapshot, after: now.snapshot });
    if (kept.kind !== "known") return null;
    return (await listChanges(home, kept.change).catch(() => [])).map(({ path }) => path);
  }

  async #compare(told: readonly string[]): Promise<KeptChange> {
    const before = this.#read("before.json", KeptSnapshot);
    if (before === null) return { kind: "none", reason: "no snapshot was taken before the turn" };
    if (before.kind === "none") return before;
    const after = this.#read("after.json", KeptSnapshot) ?? await this.#take();
    this.#write("after.json", after);
    const kept = after.kind === "none" ? after : await keepChange(this.options.home, {
      before: before.snapshot,
      after: after.snapshot,
    });
    if (kept.kind === "known") await this.#noteIgnored(kept.change, told);
    this.#write("change.json", kept);
    return kept;
  }

  async #noteIgnored(change: Change, told: readonly string[]): Promise<void> {
    const { home, directory, origin } = this.options;
    const ignored = await ignoredAmong(home, directory, { paths: told, origin });
    if (ignored.length > 0) change.ignored = ignored;
  }

  async #told(kept: KeptChange): Promise<TurnChange> {
    if (kept.kind === "none") return kept;
    try {
      const files = await listChanges(this.options.home, kept.change);
      const sum = (side: "added" | "removed") => files.reduce((sum, file) => sum + (file[side] ?? 0), 0);
      return {
        kind: "known",
        disk: {
          files: files.map(({ path }: ChangedFile) => join(kept.change.root, path)),
          ignored: (kept.change.ignored ?? []).map((path) => join(kept.change.root, path)),
          linesAdded: sum("added"),
          linesRemoved: sum("removed"),
        },
      };
    } catch (error) {
      return { kind: "none", reason: `what changed could not be read: ${messageOf(error)}` };
    }
  }

  #take(): Promise<KeptSnapshot> {
    const { home, directory, origin } = this.options;
    return takeSnapshot(home, directory, { origin });
  }

  #read<T>(name: string, schema: z.ZodType<T>): T | null {
    return readRecord(this.options.files, name, schema);
  }

  /** A record that cannot be written, on a full disk, is missing: then the change is unknown. */
  #write(name: string, record: KeptSnapshot | KeptChange): void {
    try {
      ifOurs(() => writeAtomically(join(this.options.files.path, name), JSON.stringify(record)));
    } catch {
      // The next call takes it anew, or tells that there is none.
    }
  }
}

/** The change of an ended turn, as it was kept; `null` where none was recorded. */
export function readTurnChange(turn: TurnDirectory): KeptChange | null {
  return readRecord(turn, "change.json", KeptChange);
}

/** The commit that was checked out before the turn; `null` where there was none, or no snapshot was taken. */
export function readTurnBase(turn: TurnDirectory): string | null {
  const before = readRecord(turn, "before.json", KeptSnapshot);
  return before?.kind === "taken" ? before.snapshot.parts.find(({ at }) => at === "")?.head ?? null : null;
}

/**
 * The change of a turn and the snapshots that were taken of it.
 *
 * @throws an error when one of the records is there and cannot be read
 */
export function requireTurnRecords(turn: TurnDirectory): { change: Change | null; snapshots: Snapshot[] } {
  const readable = <T>(name: string, schema: z.ZodType<T>): T | null => {
    const path = join(turn.path, name);
    const record = readRecord(turn, name, schema);
    if (record === null && ifExists(() => Deno.lstatSync(path)) !== null) {
      throw new Error(`Cannot read ${path}`);
    }
    return record;
  };
  const change = readable("change.json", KeptChange);
  const taken = ["before.json", "after.json"].map((name) => readable(name, KeptSnapshot));
  return {
    change: change?.kind === "known" ? change.change : null,
    snapshots: taken.flatMap((kept) => kept?.kind === "taken" ? [kept.snapshot] : []),
  };
}

function readRecord<T>(turn: TurnDirectory, name: string, schema: z.ZodType<T>): T | null {
  const text = readTextIfOurs(join(turn.path, name));
  return text === null ? null : opened(schema).safeParse(parsedJson(text)).data ?? null;
}
