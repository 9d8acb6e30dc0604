/**
 * Room `config`: reads the text of the configuration file, without parsing it.
 *
 * @module
 */
import { AgentAsyncError, messageOf } from "../domain/errors.ts";
import { whyUntrusted } from "../system/files/trusted_path.ts";

/**
 * The text of the file, or `null` when there is no file.
 *
 * @throws AgentAsyncError `config_invalid` when it cannot be read, is not a regular file, or could have been written by
 * another user
 */
export function readConfigText(path: string): string | null {
  try {
    const problem = whyUntrusted(path, "linkable");
    // An untrusted file is refused, since commands in it are executed: agents, and `on_finish`.
    if (problem !== null) throw new Error(`it ${problem}`);
    // Opening a FIFO that has no writer would block for ever.
    if (!Deno.statSync(path).isFile) throw new Error("it is no file");
    return Deno.readTextFileSync(path);
  } catch (error) {
    // NotADirectory means that a file is in the place of the state directory. Code that needs the directory reports
    // that better.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw new AgentAsyncError("config_invalid", `${path}: cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
