/**
 * Room `config`: the configuration file as text, read but not understood.
 *
 * @module
 */
import { AgentAsyncError, messageOf } from "../domain/errors.ts";
import { whyUntrusted } from "../system/files/trusted_path.ts";

/**
 * The file's text, or `null` when there is no file.
 *
 * @throws AgentAsyncError `config_invalid` for one that cannot be read.
 */
export function readConfigText(path: string): string | null {
  try {
    const problem = whyUntrusted(path, "linkable");
    // What it says is executed: agents, and the command when a job ends.
    if (problem !== null) throw new Error(`it ${problem}`);
    // To open a FIFO that nobody writes would never return.
    if (!Deno.statSync(path).isFile) throw new Error("it is no file");
    return Deno.readTextFileSync(path);
  } catch (error) {
    // A file where the state directory should be gives NotADirectory: whoever needs the directory says so better.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw new AgentAsyncError("config_invalid", `${path}: cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
