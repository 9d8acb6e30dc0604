/**
 * Room `cli`: the environment of this terminal or host, as jobs get it and agents are looked for in it.
 *
 * @module
 */
import { HOST_DIRECTORY_VARIABLE } from "../../agents/detection/host_directory.ts";
import { isAbsolutePath } from "../../config/state_paths.ts";
import { CommandError } from "./exit_code.ts";
import type { Io } from "../io.ts";

/** Without `node:path`, which the greeting of a host would wait for. */
const DELIMITER = Deno.build.os === "windows" ? ";" : ":";

/**
 * As it is. Where PATH has relative entries (`./bin`, `node_modules/.bin`, an empty one), which mean the directory of
 * the terminal or host and not the daemon's, that directory goes with it.
 */
export function hostEnvironment(io: Io): Record<string, string> {
  const path = io.env["PATH"] ?? io.env["Path"] ?? "";
  if (path === "" || path.split(DELIMITER).every((entry) => isAbsolutePath(entry))) return { ...io.env };
  try {
    return { ...io.env, [HOST_DIRECTORY_VARIABLE]: io.cwd };
  } catch (error) {
    // Where the directory is gone, so are the programs in it.
    if (error instanceof CommandError) return { ...io.env };
    throw error;
  }
}
