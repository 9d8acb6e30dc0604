/**
 * Room `cli`: the real terminal and the real environment.
 *
 * @module
 */
import { systemClock } from "../../system/clock.ts";
import { ownEnvironment } from "../../system/processes/environment_bytes.ts";
import { givenVariable } from "../../system/given_variable.ts";
import { keepFilesPrivate } from "../../system/processes/umask.ts";
import { CommandError } from "./exit_code.ts";
import type { Input, Io, Output } from "../io.ts";

/** Columns when the width of the terminal is unknown. */
const DEFAULT_COLUMNS = 80;

export function processIo(): Io {
  keepFilesPrivate();
  const env = ownEnvironment();
  // An empty TZ means that no time zone is set, but the runtime takes it for an unknown zone.
  if (givenVariable(env, "TZ") === undefined) Deno.env.delete("TZ");
  return {
    stdin: new ProcessInput(),
    stdout: processOutput(Deno.stdout),
    stderr: processOutput(Deno.stderr),
    env,
    get cwd() {
      return currentDirectory();
    },
    onInterrupt(callback) {
      Deno.addSignalListener("SIGINT", callback);
      return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", callback) };
    },
    clock: systemClock,
  };
}

/**
 * @throws CommandError when the directory has been removed (`git worktree remove` under an open session), or when its
 * path
 * is not UTF-8.
 */
function currentDirectory(): string {
  try {
    return Deno.cwd();
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound;
    const problem = isGone ? "it has been removed" : error instanceof Error ? error.message : String(error);
    throw new CommandError(`Cannot tell the current directory: ${problem}`, {
      hint: "Change to another directory (cd), or name one by its absolute path where the command takes one.",
      cause: error,
    });
  }
}

function processOutput(file: typeof Deno.stdout): Output {
  const encoder = new TextEncoder();
  return {
    // Written asynchronously: a synchronous write blocks while a pager does not read, and Ctrl-C would have no effect.
    async write(text) {
      let rest = encoder.encode(text);
      try {
        while (rest.length > 0) rest = rest.subarray(await file.write(rest));
      } catch (error) {
        if (!(error instanceof Error) || error instanceof Deno.errors.BrokenPipe) throw error;
        throw new CommandError(`Cannot write the output: ${error.message}`, { cause: error });
      }
    },
    get isTerminal() {
      return file.isTerminal();
    },
    get columns() {
      try {
        return Deno.consoleSize().columns;
      } catch {
        return DEFAULT_COLUMNS;
      }
    },
    get stream() {
      return file.writable;
    },
  };
}

class ProcessInput implements Input {
  #pending = "";
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(4_096);

  get isTerminal(): boolean {
    return Deno.stdin.isTerminal();
  }

  get stream(): ReadableStream<Uint8Array> {
    return Deno.stdin.readable;
  }

  async readText({ fatal } = { fatal: false }): Promise<string> {
    const bytes = await new Response(Deno.stdin.readable).bytes();
    return new TextDecoder("utf-8", { fatal }).decode(bytes);
  }

  async readLine(): Promise<string | null> {
    for (;;) {
      const end = this.#pending.indexOf("\n");
      if (end >= 0) {
        const line = this.#pending.slice(0, end);
        this.#pending = this.#pending.slice(end + 1);
        return line;
      }
      const length = await Deno.stdin.read(this.#buffer);
      if (length === null) {
        const rest = this.#pending;
        this.#pending = "";
        return rest === "" ? null : rest;
      }
      this.#pending += this.#decoder.decode(this.#buffer.subarray(0, length), { stream: true });
    }
  }
}
