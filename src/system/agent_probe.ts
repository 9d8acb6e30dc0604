/**
 * Room `system`: looks for executables and asks them short questions. Rule of the room: it imports nothing of the
 * other rooms.
 *
 * @module
 */
import { delimiter, isAbsolute, join } from "node:path";
import { withGivenUmask } from "./processes/umask.ts";
import { commandBehindShim, npmShimTarget } from "./npm_shim.ts";
import { Deadline } from "./deadline.ts";

/** Bytes of an answer that are kept: a version is a line, a list of servers some kilobytes. */
const MAX_ANSWER_BYTES = 1_048_576;

/** The real `Probe` of room `agents`. */
export class AgentProbe {
  readonly platform: { readonly os: string; readonly arch: string } = {
    os: Deno.build.os,
    arch: Deno.build.arch,
  };

  get isRoot(): boolean {
    return Deno.build.os !== "windows" && Deno.uid() === 0;
  }

  /**
   * @param from the directory that relative entries of `path` (`./bin`, an empty one) start from, which is that of the
   * host, never our own; without it they are passed over
   */
  find(names: readonly string[], path: string, from?: string): string | null {
    const directories = (path === "" ? [] : path.split(delimiter)).flatMap((entry) => {
      if (isAbsolute(entry)) return [entry];
      return from === undefined ? [] : [join(from, entry)];
    });
    for (const name of names) {
      if (name.includes("/") || name.includes("\\")) continue;
      for (const directory of directories) {
        for (const suffix of SUFFIXES) {
          const candidate = join(directory, `${name}${suffix}`);
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

  /** Of a directory only whether it is the same one: what is in it comes and goes. */
  identity(path: string): string | null {
    try {
      const { isDirectory, ino, size, mtime, ctime } = Deno.statSync(path);
      return isDirectory ? `${ino}` : [ino, size, mtime?.getTime(), ctime?.getTime()].join(" ");
    } catch {
      return null;
    }
  }

  isExecutable(path: string): boolean {
    try {
      const info = Deno.statSync(path);
      return info.isFile && (Deno.build.os === "windows" || ((info.mode ?? 0) & 0o111) !== 0);
    } catch {
      return false;
    }
  }

  /** @returns `null` for what is no file, cannot be read or is longer than a megabyte. */
  readText(path: string): string | null {
    try {
      const { isFile, size } = Deno.statSync(path);
      return isFile && size <= MAX_ANSWER_BYTES ? Deno.readTextFileSync(path) : null;
    } catch {
      return null;
    }
  }

  /**
   * Runs a question to its end. Its process is killed when `timeoutMs` have passed; what it left behind that still
   * holds its output is not waited for.
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
        // A group of its own: a launcher that hangs is ended together with what it launched.
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
    // It ended in this moment.
  }
}
