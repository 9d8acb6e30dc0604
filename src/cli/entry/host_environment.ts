/**
 * Room `cli`: the environment of this terminal or host. Jobs run with it, and agents are looked for in its PATH.
 *
 * @module
 */
import { HOST_DIRECTORY_VARIABLE } from "../../agents/detection/host_directory.ts";
import { DELIMITER, isAbsolutePath } from "../../system/files/paths.ts";
import { CommandError } from "./exit_code.ts";
import type { Io } from "../io.ts";

/**
 * A copy of the environment. PATH may have relative entries, such as `./bin`, `node_modules/.bin` or an empty one. They
 * mean the directory of this terminal or host, and not the daemon's. Then that directory is added in a variable.
 */
export function hostEnvironment(io: Io): Record<string, string> {
  const path = io.env["PATH"] ?? io.env["Path"] ?? "";
  if (path === "" || path.split(DELIMITER).every((entry) => isAbsolutePath(entry))) return { ...io.env };
  try {
    return { ...io.env, [HOST_DIRECTORY_VARIABLE]: io.cwd };
  } catch (error) {
    // The current directory has been removed, and so have the programs in it: relative entries can be ignored.
    if (error instanceof CommandError) return { ...io.env };
    throw error;
  }
}
