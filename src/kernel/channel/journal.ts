/**
 * Room `kernel`: the journal of a talk, one entry a line. It holds what was put into the talk from outside, and what
 * was said to the agent, each with its place in the agent's output. From it and the output, a later daemon knows all
 * that was said. Rule of this file: an entry is in the file whole, or it is not.
 *
 * @module
 */
import * as z from "zod";
import { opened } from "../../domain/reading/opened.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { PRIVATE_FILE_MODE, readTextIfExists } from "../../system/files/files.ts";
import { AppendFile } from "../events/append_file.ts";

/** A line that was said to the agent. */
export const SaidLine = z.object({
  key: z.string(),
  /** Without its newline. */
  line: z.string(),
  /** Whether the agent tells when it has taken the line. */
  acknowledged: z.boolean(),
});
export type SaidLine = z.infer<typeof SaidLine>;

export const JournalEntry = z.object({
  /** 1, 2, 3 ... */
  n: z.number().int().positive(),
  /** Bytes of whole lines of the agent's output that had been read. */
  raw: z.number().int().nonnegative(),
  /** Epoch ms. */
  at: z.number().int(),
  /** What it is. Kinds that a later version has put in are passed over. */
  kind: z.string(),
  /** By which a repeated request is recognised. */
  key: z.string().optional(),
  /** What belongs to an entry of this kind. */
  payload: z.unknown().optional(),
  /** Ms for which the turn's clocks had stood still by then. */
  still: z.number().optional(),
  /** What was said upon the entries and lines before this one; in an entry that holds nothing else. */
  says: z.array(SaidLine).optional(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

const OpenEntry = opened(JournalEntry);

/** The journal of one turn, open for appending. */
export class Journal implements Disposable {
  /** What it held when it was opened. */
  readonly entries: readonly JournalEntry[];
  readonly #file: AppendFile;
  #last: number;

  private constructor(path: string, { entries, length }: { entries: JournalEntry[]; length: number }) {
    this.entries = entries;
    this.#last = entries.at(-1)?.n ?? 0;
    this.#file = new AppendFile(path, length);
  }

  /**
   * Opens the journal, making it when it is not there, and cuts off an entry that was not written whole.
   *
   * @throws what the file system says
   */
  static open(path: string): Journal {
    const text = readTextIfExists(path);
    if (text === null) Deno.openSync(path, { write: true, create: true, mode: PRIVATE_FILE_MODE }).close();
    return new Journal(path, wholeEntries(text ?? ""));
  }

  /** Appends an entry. @throws what the file system says; then it is not in the journal, and may be appended again */
  append(entry: Omit<JournalEntry, "n">): JournalEntry {
    const numbered = { n: this.#last + 1, ...entry };
    this.#file.append(`${JSON.stringify(numbered)}\n`);
    this.#last = numbered.n;
    return numbered;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * The entries of a journal, for one that only reads it; none where there is no journal.
 *
 * @param options.naming a text without which it need not be parsed: then there are none either
 */
export function readJournal(path: string, { naming }: { naming?: string } = {}): JournalEntry[] {
  const text = readTextIfExists(path) ?? "";
  return naming !== undefined && !text.includes(JSON.stringify(naming)) ? [] : wholeEntries(text).entries;
}

function wholeEntries(text: string): { entries: JournalEntry[]; length: number } {
  const entries: JournalEntry[] = [];
  let end = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const entry = newline < 0 ? null : entryIn(text.slice(start, newline));
    // What stands behind a damaged entry was never said, since each was written before the next.
    if (entry === null) break;
    entries.push(entry);
    start = end = newline + 1;
  }
  return { entries, length: new TextEncoder().encode(text.slice(0, end)).length };
}

function entryIn(line: string): JournalEntry | null {
  return OpenEntry.safeParse(parsedJson(line)).data ?? null;
}
