/**
 * Room `daemon`: what a daemon says on stderr when it dies of something that it cannot catch: a panic of its runtime, a
 * heap that is full. Nobody listens to it then, so a file does, and the next daemon puts it into the log.
 *
 * @module
 */
import { pathIn } from "../../system/files/paths.ts";
import { ifOurs, PRIVATE_FILE_MODE, readTail, sizeIfExists } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { isTrustedFile } from "../trust/trusted_files.ts";

/** Bytes of it that the log gets: a panic says what it is in a few lines. */
const MOST_BYTES = 4_096;

/** What `deno run` says of its own work; it is no sign of anything. */
const CHATTER = /^(?:Download|Check|Initialize|Warning)\b/;

// deno-lint-ignore no-control-regex -- colours are what this finds
const COLOURS = /\x1b\[[0-9;]*m/g;

function wordsPath(home: string): string {
  return pathIn(home, "daemon.stderr");
}

/** The path of a file that exists and can be written; `null` where there can be none. */
export function lastWordsFile(home: string): string | null {
  const path = wordsPath(home);
  if (!isTrustedFile(path)) return null;
  try {
    Deno.openSync(path, { append: true, create: true, mode: PRIVATE_FILE_MODE }).close();
    return path;
  } catch {
    return null;
  }
}

/** The command with its stderr in the file, or as it is where that cannot be. */
export function withLastWords(home: string, command: readonly string[]): readonly string[] {
  const path = lastWordsFile(home);
  if (path === null || Deno.build.os === "windows") return command;
  return ["/bin/sh", "-c", '[ -w "$0" ] && exec "$@" 2>>"$0"; exec "$@"', path, ...command];
}

/** What the last daemon has said, in whole lines; "" for one that left as it should, or was killed. */
export function readLastWords(home: string): string {
  const path = wordsPath(home);
  const isCut = (ifOurs(() => sizeIfExists(path)) ?? 0) > MOST_BYTES;
  const words = readTail(path, MOST_BYTES);
  return words.slice(isCut ? words.indexOf("\n") + 1 : 0).replace(COLOURS, "").split("\n")
    .filter((line) => line.trim() !== "" && !CHATTER.test(line)).join("\n");
}

/** Logs what an earlier daemon has said last. The owner lock must be held. */
export function logLastWords(home: string, log: Log): void {
  const words = readLastWords(home);
  forgetLastWords(home);
  if (words !== "") log.error("an earlier daemon died and said", { error: words });
}

/** Empties the file: its words have been logged, or its daemon leaves in order and had none that matter. */
export function forgetLastWords(home: string): void {
  if (!isTrustedFile(wordsPath(home))) return;
  try {
    Deno.truncateSync(wordsPath(home), 0);
  } catch {
    // There is no such file, or the disk is gone: nothing is lost in either case.
  }
}
