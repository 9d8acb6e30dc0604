/**
 * Room `cli`: file paths as people write them.
 *
 * @module
 */
import { sep } from "node:path";
import { plainText } from "../../domain/event/transcript.ts";

/** The path on one line, with `~` in place of the home directory. */
export function homePath(path: string, home: string | undefined): string {
  const text = plainText(path).replace(/\n/g, " ");
  if (home === undefined || home === "" || home === "/") return text;
  return text === home || text.startsWith(home + sep) ? `~${text.slice(home.length)}` : text;
}
