/**
 * Room `system`: finds executables and runs short queries with them, such as for a version. Rule of the room: it
 * imports nothing from other rooms.
 *
 * @module
 */
import { withGivenUmask } from "./processes/umask.ts";
import { commandBehindShim, npmShimTarget } from "./npm_shim.ts";
import { Deadline } from "./deadline.ts";
import { DELIMITER, isAbsolutePath, pathIn } from "./files/paths.ts";

/**
 * Most bytes that are read of a query's output or of a file. A version is one line; a list of MCP servers has some
 * kilobytes.
 */
const MAX_ANSWER_BYTES = 1_048_576;

/** The production implementation of the interface `Probe` of room `agents`. */
export class AgentProbe {
  readonly platform: { readonly os: string; readonly arch: string } = {
    os: Deno.build.os,
    arch: Deno.build.arch,
  };

  readonly #isThere: (path: string) => boolean;

  /**
   * @param options.isThere whether something is at a path, for whoever searches often: asking first is cheaper than the
   * exception for a missing file. Unless it is given, nothing is asked first.
   */
  constructor({ isThere = () => true }: { isThere?: (path: string) => boolean } = {}) {
    this.#isThere = isThere;
  }

  get isRoot(): boolean {
    return Deno.build.os !== "windows" && Deno.uid() === 0;
  }

  /**
   * Searches the directories of `path` for the first of `names` that is an executable file. Names with a slash or a
   * backslash are skipped.
   *
   * @param path a PATH, as in the environment
   * @param from the host's working directory, which relative entries of `path` (`./bin`, an empty one) start from.
   * Without it they are skipped.
   * @returns the path of the file, or `null`
   */
  find(names: readonly string[], path: string, from?: string): string | null {
    const directories = (path === "" ? [] : path.split(DELIMITER)).flatMap((entry) => {
      if (isAbsolutePath(entry)) return [entry];
      return from === undefined ? [] : [pathIn(from, entry)];
    });
    for (const name of names) {
      if (name.includes("/") || name.includes("\\")) continue;
      for (const directory of directories) {
        for (const suffix of SUFFIXES) {
          const candidate = pathIn(directory, `${name}${suffix}`);
          if (this.isExecutable(candidate)) return candidate;
        }
      }
    }
    return null;
  }

  realPath(path: string): string {
    try {
      return Deno.realPathSync(npmShimTarget(path) ?? path);
    } catch {
      return path;
    }
  }

  /**
   * A text that changes when the file is replaced or modified; `null` when there is none. For a directory only its
   * inode counts, since its content changes all the time.
   */
  identity(path: string): string | null {
    if (!this.#isThere(path)) return null;
    try {
      const { isDirectory, ino, size, mtime, ctime } = Deno.statSync(path);
      return isDirectory ? `${ino}` : [ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
    } catch {
      return null;
    }
  }

  isExecutable(path: string): boolean {
    if (!this.#isThere(path)) return false;
    try {
      const info = Deno.statSync(path);
      return info.isFile && (Deno.build.os === "windows" || ((info.mode ?? 0) & 0o111) !== 0);
    } catch {
      return false;
    }
  }

  /**
   * The text of a file. `null` when it is not a regular file, cannot be read, or is larger than a megabyte.
   */
  readText(path: string): string | null {
    if (!this.#isThere(path)) return null;
    try {
      const { isFile, size } = Deno.statSync(path);
      return isFile && size <= MAX_ANSWER_BYTES ? Deno.readTextFileSync(path) : null;
    } catch {
      return null;
    }
  }

  /**
   * Runs `executable` to its end and returns its exit code and output. `null` when it cannot be started or takes longer
   * than `timeoutMs`. It is killed then, on Unix with its process group. Output that is held open by processes it left
   * behind is not waited for any longer.
   *
   * @param options.env the whole environment
   */
  async run(
    executable: string,
    args: readonly string[],
    options: { env: Readonly<Record<string, string>>; timeoutMs: number; cwd?: string },
  ): Promise<{ code: number; stdout: string; stderr: string } | null> {
    const { PATH, Path } = options.env;
    const [program, ...rest] = commandBehindShim(executable, args, PATH ?? Path ?? "");
    let child: Deno.ChildProcess;
    try {
      const process = new Deno.Command(program, {
        args: rest,
        env: { ...options.env },
        clearEnv: true,
        cwd: options.cwd ?? "/",
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        // A process group of its own lets a launcher that hangs be killed together with what it launched.
        detached: Deno.build.os !== "windows",
      });
      child = withGivenUmask(() => process.spawn());
    } catch {
      return null;
    }
    const given = new AbortController();
    using _deadline = new Deadline(options.timeoutMs, () => given.abort());
    const answer = Promise.all([
      readText(child.stdout, given.signal),
      readText(child.stderr, given.signal),
      child.status,
    ]);
    const tooLate = new Promise<null>((resolve) =>
      given.signal.addEventListener("abort", () => resolve(null), { once: true })
    );
    const result = await Promise.race([answer, tooLate]);
    if (result === null) {
      killQuietly(child);
      await Promise.allSettled([answer]);
      return null;
    }
    const [stdout, stderr, status] = result;
    return { code: status.code, stdout, stderr };
  }
}

const SUFFIXES = Deno.build.os === "windows" ? [".exe", ".cmd", ".bat", ""] : [""];

async function readText(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string> {
  const reader = stream.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.byteLength;
      if (bytes <= MAX_ANSWER_BYTES) text += decoder.decode(part.value, { stream: true });
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return text;
}

function killQuietly(child: Deno.ChildProcess): void {
  try {
    if (Deno.build.os === "windows") child.kill("SIGKILL");
    else Deno.kill(-child.pid, "SIGKILL");
  } catch {
    // The process ended just before the signal.
  }
}
