/**
 * Room `scheduler`: all that was put into a talk and said in it, on disk. What is said is in the journal before it is
 * in the channel; what an earlier daemon had in the journal and not in the channel is said first.
 *
 * @module
 */
import type { Saying } from "../../agents/turn_reader.ts";
import { GrowingFile } from "../../kernel/channel/growing_file.ts";
import { Journal, type JournalEntry, type SaidLine } from "../../kernel/channel/journal.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";

/** The kind of an entry that holds what was said. */
export const SAY = "say";

export class TalkRecord implements Disposable {
  /** What an earlier daemon has put in, oldest first. */
  readonly entries: readonly JournalEntry[];
  readonly #journal: Journal;
  readonly #channel: GrowingFile;
  readonly #keys = new Set<string>();
  /** Said, and not in the journal yet. */
  #pending: Saying[] = [];

  /** @throws what the file system says */
  constructor(files: TurnDirectory) {
    this.#journal = Journal.open(files.journalFile);
    this.entries = this.#journal.entries;
    const said = this.entries.flatMap(({ says = [] }) => says);
    for (const { key } of said) this.#keys.add(key);
    try {
      this.#channel = new GrowingFile(files.channelFile, said.map(lineOf));
    } catch (error) {
      this.#journal[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether all that is to be said is in the channel. */
  get isSaid(): boolean {
    return this.#pending.length === 0 && this.#channel.isWhole;
  }

  /** Writes down an input. @throws what the file system says; then it is not written down */
  put(entry: Omit<JournalEntry, "n" | "says">): JournalEntry {
    return this.#journal.append(entry);
  }

  /** Says lines, but none whose key was used before. They are in the channel after the next {@link flush}. */
  say(says: readonly Saying[]): void {
    for (const saying of says) {
      if (this.#keys.has(saying.key)) continue;
      this.#keys.add(saying.key);
      this.#pending.push(saying);
    }
  }

  /** Drops what was to be said and was not: an earlier daemon has gone on without it. */
  forget(): void {
    this.#pending = [];
  }

  /** @throws what the file system says; the next call goes on where this one failed */
  flush(place: Pick<JournalEntry, "raw" | "at" | "still">): void {
    if (this.#pending.length > 0) {
      const says = this.#pending.map(saidLine);
      this.#journal.append({ ...place, kind: SAY, says });
      this.#pending = [];
      for (const said of says) this.#channel.say(lineOf(said));
    }
    this.#channel.flush();
  }

  [Symbol.dispose](): void {
    this.#journal[Symbol.dispose]();
    this.#channel[Symbol.dispose]();
  }
}

function saidLine({ key, line, isAcknowledged }: Saying): SaidLine {
  return { key, line, acknowledged: isAcknowledged };
}

function lineOf({ line }: SaidLine): string {
  return `${line}\n`;
}
