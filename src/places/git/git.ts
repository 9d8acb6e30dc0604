/**
 * Room `places`: runs git. Rule of this file: git is started with an argument vector, in a git directory of ours and
 * with an environment of ours. It reads no configuration of the user's, the system's or a repository's, and starts no
 * hook, filter, merge driver, pager, fsmonitor or transport.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { bytesOfText, textOfBytes } from "../../system/processes/environment_bytes.ts";
import { collect } from "./collect.ts";
import { Ending } from "./ending.ts";
import { gitEnvironment, pathList, SETTINGS } from "./git_environment.ts";
import { GitFailure } from "./git_failure.ts";

/** What one run of git needs to know. */
export interface GitRun {
  /** A git directory that only we write. */
  readonly gitDir: string;
  readonly workTree?: string;
  /** An index other than the git directory's own. */
  readonly index?: string;
  /** Object directories of other repositories, to be read only. */
  readonly alternates?: readonly string[];
  /** An object directory other than the git directory's own, for what this run writes. */
  readonly objects?: string;
  readonly stdin?: string | Uint8Array;
  /** Ms before git is ended; {@link DEFAULT_MS} by default. */
  readonly timeoutMs?: number;
  /** Most bytes of standard output; {@link DEFAULT_BYTES} by default. */
  readonly maxBytes?: number;
  /** Whether output beyond `maxBytes` is left out, and git is ended, instead of being a failure. */
  readonly mayCut?: boolean;
  /** Exit codes that are no failure, beside 0. */
  readonly codes?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

export interface GitOutput {
  readonly code: number;
  readonly bytes: Uint8Array;
  /** Standard output; a byte that is not UTF-8 is a lone surrogate, see `system/processes/environment_bytes.ts`. */
  readonly text: string;
  readonly errors: string;
  /** Whether there was more output than `maxBytes`. */
  readonly isCut: boolean;
}

/** Much more than any call takes on a slow machine; a hanging one (a FIFO in the work tree) ends with it. */
export const DEFAULT_MS = 60_000;

/** The list of 300,000 long paths; what is larger is refused, since it has to fit in memory. */
export const DEFAULT_BYTES = 64 * 1024 * 1024;

/** Bytes of standard error that are kept: enough for the first few hundred unreadable files. */
const MAX_ERROR_BYTES = 256 * 1024;

/** Before it, `merge-tree` cannot merge without a work tree. */
const OLDEST: readonly [number, number] = [2, 38];

export class Git {
  readonly #executable: string;
  readonly #env: Record<string, string>;
  #checked: Promise<void> | null = null;

  /**
   * @param options.executable name or path of git
   * @param options.env where PATH is taken from, and on Windows what every program needs
   */
  constructor({ executable = "git", env }: { executable?: string; env: Readonly<Record<string, string>> }) {
    this.#executable = executable;
    this.#env = {};
    for (const name of ["PATH", "SYSTEMROOT", "SystemRoot", "TEMP", "TMP"]) {
      const value = env[name];
      if (value !== undefined) this.#env[name] = value;
    }
  }

  /**
   * Runs git to its end.
   *
   * @param args the command and its arguments
   * @throws GitFailure when git ends with another code than those allowed, says too much, takes too long, or when
   * `signal` is aborted
   * @throws AgentAsyncError `conflict` when git is missing or too old
   */
  async run(args: readonly string[], run: GitRun): Promise<GitOutput> {
    await this.#check();
    const { index, alternates = [], objects } = run;
    return await this.#start([
      `--git-dir=${run.gitDir}`,
      ...(run.workTree === undefined ? [] : [`--work-tree=${run.workTree}`]),
      "--no-pager",
      "--literal-pathspecs",
      ...SETTINGS,
      ...args,
    ], {
      ...run,
      env: {
        ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
        ...(objects === undefined ? {} : { GIT_OBJECT_DIRECTORY: objects }),
        ...(alternates.length === 0 ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: pathList(alternates) }),
      },
    });
  }

  /** As {@link Git.run}; the output without the line feed at its end. */
  async line(args: readonly string[], run: GitRun): Promise<string> {
    return (await this.run(args, run)).text.replace(/\n$/, "");
  }

  /** @throws AgentAsyncError `conflict` when git is missing or too old */
  requireUsable(): Promise<void> {
    return this.#check();
  }

  #check(): Promise<void> {
    // A failure is not kept: git may be installed while the daemon runs.
    this.#checked ??= this.#checkVersion().catch((error) => {
      this.#checked = null;
      throw error;
    });
    return this.#checked;
  }

  async #checkVersion(): Promise<void> {
    const { text } = await this.#start(["--version"], { gitDir: "/" });
    const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(text) ?? [];
    const [oldestMajor, oldestMinor] = OLDEST;
    if (Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor)) {
      return;
    }
    throw new AgentAsyncError(
      "conflict",
      `git ${OLDEST.join(".")} or later is needed; this is ${text.trim()}`,
      {
        hint: "Install a newer git, then call again.",
      },
    );
  }

  async #start(args: readonly string[], run: GitRun & { env?: Record<string, string> }): Promise<GitOutput> {
    run.signal?.throwIfAborted();
    const command = args.find((arg) => /^[a-z]/.test(arg) && !arg.includes("=")) ?? args[0] ?? "";
    const maxBytes = run.maxBytes ?? DEFAULT_BYTES;
    const child = this.#spawn(args, run);
    using ending = new Ending(child, { ms: run.timeoutMs ?? DEFAULT_MS, signal: run.signal });
    const [status, out, errors] = await Promise.all([
      child.status,
      collect(child.stdout, { maxBytes, onFull: () => ending.end("full") }),
      collect(child.stderr, { maxBytes: MAX_ERROR_BYTES }),
      feed(child.stdin, run.stdin),
    ]);
    const text = textOfBytes(out.bytes);
    const said = textOfBytes(errors.bytes);
    const isCut = ending.cause === "full";
    if (ending.cause !== null && !(isCut && run.mayCut === true)) {
      throw new GitFailure(ending.cause, { command, code: status.code, errors: said });
    }
    if (!isCut && status.code !== 0 && !(run.codes ?? []).includes(status.code)) {
      throw new GitFailure("failed", { command, code: status.code, errors: said });
    }
    return { code: status.code, bytes: out.bytes, text, errors: said, isCut };
  }

  #spawn(args: readonly string[], { gitDir, env = {} }: GitRun & { env?: Record<string, string> }) {
    try {
      return new Deno.Command(this.#executable, {
        args: [...args],
        // Never a directory of an agent's: on Windows a program there would be found first.
        cwd: gitDir,
        clearEnv: true,
        env: { ...this.#env, ...gitEnvironment(gitDir), ...env },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      if (!isDirectory(gitDir)) {
        throw new GitFailure("failed", { command: "", code: 128, errors: `${gitDir} is gone` });
      }
      throw new AgentAsyncError("conflict", "git is not installed, or not on the PATH of the daemon", {
        hint: `Install git ${OLDEST.join(".")} or later, then call again.`,
        cause: error,
      });
    }
  }
}

async function feed(stdin: WritableStream<Uint8Array>, data: string | Uint8Array | undefined): Promise<void> {
  const writer = stdin.getWriter();
  try {
    if (data !== undefined) await writer.write(typeof data === "string" ? bytesOfText(data) : data);
    await writer.close();
  } catch {
    // Git has ended before it read everything; its exit code says why.
  }
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
