/**
 * Room `agents`: the version of an agent that npm installed, from the package that its executable lies in.
 *
 * @module
 */
import * as z from "zod";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

const Package = z.object({ name: z.string(), version: z.string().regex(/^\d+\.\d+/) });

/** Directories between an executable and the top of its package, at most. */
const LEVELS = 4;

/**
 * @param realPath of the executable, with symlinks resolved.
 * @param readText gives `null` for a file that is not there.
 * @returns `null` when the executable lies in no package of that name.
 */
export function packageVersion(
  name: string,
  realPath: string,
  readText: (path: string) => string | null,
): string | null {
  let directory = realPath;
  for (let level = 0; level < LEVELS; level++) {
    const end = Math.max(directory.lastIndexOf("/"), directory.lastIndexOf("\\"));
    if (end <= 0) return null;
    directory = directory.slice(0, end);
    const text = readText(`${directory}/package.json`);
    if (text === null) continue;
    const found = Package.safeParse(parsedJson(text));
    if (found.success && found.data.name === name) return found.data.version;
  }
  return null;
}
