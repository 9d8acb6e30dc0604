/**
 * Room `cli`: paths as people write them.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";

/** On one line, with `~` for HOME. */
export function homePath(path: string, home: string | undefined): string {
  const text = plainText(path).replace(/\n/g, " ");
  if (home === undefined || home === "" || home === "/") return text;
  return text === home || text.startsWith(`${home}/`) ? `~${text.slice(home.length)}` : text;
}
