/**
 * Room `kernel`: the wrapper's work where there is no POSIX shell, done by a process of this program. Its steps are
 * those of the script in `shell_script.ts`. The agent writes straight to its files, so no output goes through this
 * process.
 *
 * @module
 */
import { spawn, type StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import type { Writable } from "node:stream";
import * as z from "zod";
import { messageOf } from "../../domain/errors.ts";
import { PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import { renameOver } from "../../system/files/rename_over.ts";
import { commandBehindShim } from "../../system/npm_shim.ts";
import type { Processes } from "../../system/processes/processes.ts";
import { withGivenUmask } from "../../system/processes/umask.ts";
import { type Feed, feedChannel } from "../channel/feed_channel.ts";
import { WRAPPER_REFUSED } from "./turn_wrapper.ts";
import { pause } from "../../system/pause.ts";

/** What the daemon tells the wrapper's process: absolute paths of the turn's files, and how to start the agent. */
export const KeepRequest = z.object({
  files: z.object({
    aliveFile: z.string(),
    pidFile: z.string(),
    agentFile: z.string(),
    rawFile: z.string(),
    stderrFile: z.string(),
    exitFile: z.string(),
    archivedExitFile: z.string(),
  }),
  /** Path of the file that is the agent's stdin; `null` for an agent without input. */
  input: z.string().nullable(),
  /** The file that grows and is the agent's stdin instead; when `endFile` is there, its input ends. */
  channel: z.object({ file: z.string(), endFile: z.string() }).optional(),
  executable: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
});
export type KeepRequest = z.infer<typeof KeepRequest>;

export interface KeepTurnOptions {
  /** A {@link KeepRequest} as JSON. When it is cut off or invalid, no agent is started. */
  request: ReadableStream<Uint8Array>;
  processes: Processes;
}

/** The exit codes that a shell uses for a program that cannot be run, and for one that is not found. */
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

/** The largest exit code that an exit record can hold. Larger ones, which Windows has, are recorded as this. */
const MAX_CODE = 255;

/** Bytes of an exit record. They are written before the agent runs, so that a full disk cannot lose its exit code. */
const RECORD_BYTES = 5;

/**
 * Signals that this process survives when its process group gets them; they end the agent alone. Windows has only these
 * two.
 */
const SPARED: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGHUP", "SIGINT", "SIGQUIT", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGUSR1", "SIGUSR2"];

/**
 * Claims the turn, runs its agent to the end and writes the exit record.
 *
 * @returns the code that this process must exit with, at once: its exit releases the `alive` file. 0 when an exit
 * record was written, else {@link WRAPPER_REFUSED}
 * @throws what the file system says when the exit code cannot be recorded
 */
export async function keepTurn({ request, processes }: KeepTurnOptions): Promise<number> {
  let early: number | null = null;
  for (const name of SPARED) {
    Deno.addSignalListener(name, () => early ??= recordedCode(null, name));
  }
  const asked = await readRequest(request);
  if (asked === null || !claim(asked.files.aliveFile)) return WRAPPER_REFUSED;
  const { pidFile } = asked.files;
  try {
    writeExit(asked.files, " ".repeat(RECORD_BYTES));
    writePid(pidFile, `${Deno.pid}\n`);
  } catch {
    return WRAPPER_REFUSED;
  }
  // Yields, so that a signal which came before the agent is started is seen: it ends the turn without its agent.
  await pause(0);
  const code = early ?? await runAgent(asked, processes);
  writeExit(asked.files, `${String(code).padEnd(RECORD_BYTES - 1)}\n`);
  return 0;
}

/** Writes the exit record, or its archived copy when the directory of exit records was removed. */
function writeExit({ exitFile, archivedExitFile }: KeepRequest["files"], text: string): void {
  const write = (path: string) => {
    using record = Deno.openSync(path, { write: true, create: true, mode: PRIVATE_FILE_MODE });
    record.writeSync(new TextEncoder().encode(text));
  };
  try {
    write(exitFile);
  } catch {
    write(archivedExitFile);
  }
}

/** The code for an exit record: 128+n for signal n; 255 for a code that is unknown, negative or larger than that. */
export function recordedCode(code: number | null, signal: string | null): number {
  if (signal !== null) {
    const numbers: Readonly<Record<string, number>> = constants.signals;
    return 128 + (numbers[signal] ?? 0);
  }
  return code === null || code < 0 || code > MAX_CODE ? MAX_CODE : code;
}

async function readRequest(stream: ReadableStream<Uint8Array>): Promise<KeepRequest | null> {
  try {
    const request = KeepRequest.safeParse(JSON.parse(await new Response(stream).text()));
    return request.success ? request.data : null;
  } catch {
    return null;
  }
}

/** Claims the turn: false when another wrapper has. The `alive` file stays open and locked until this process ends. */
function claim(aliveFile: string): boolean {
  try {
    const file = Deno.openSync(aliveFile, { write: true, createNew: true, mode: PRIVATE_FILE_MODE });
    file.lockSync(true);
    return true;
  } catch {
    return false;
  }
}

async function runAgent(request: KeepRequest, processes: Processes): Promise<number> {
  const { executable, args, cwd, env, input, channel, files } = request;
  using opened = new DisposableStack();
  const open = (path: string, flags: "r" | "a") => {
    const descriptor = openSync(path, flags, PRIVATE_FILE_MODE);
    opened.defer(() => closeSync(descriptor));
    return descriptor;
  };
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  try {
    const stdin = channel !== undefined ? "pipe" : input === null ? "ignore" : open(input, "r");
    const stdio: StdioOptions = [stdin, open(files.rawFile, "a"), open(files.stderrFile, "a")];
    const [program, ...rest] = commandBehindShim(executable, args, env["PATH"] ?? env["Path"] ?? "");
    const child = withGivenUmask(() => spawn(program, rest, { cwd, env, stdio, windowsHide: true }));
    child.once("exit", (code, signal) => resolve(recordedCode(code, signal)));
    child.once("error", (error) => resolve(refused(error, files.stderrFile)));
    if (child.pid !== undefined) introduce(files, child.pid, processes);
    if (channel !== undefined && child.stdin !== null) {
      const over = new AbortController();
      void feedInto(child.stdin, { ...channel, signal: over.signal });
      void ended.then(() => over.abort());
    }
  } catch (error) {
    resolve(refused(error, files.stderrFile));
  }
  return await ended;
}

/** Hands the growing file on to the agent, and ends its input in the end. Never rejects: the agent may be gone. */
async function feedInto(stdin: Writable, feed: Omit<Feed, "write">): Promise<void> {
  stdin.on("error", () => {});
  const write = (bytes: Uint8Array) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stdin.write(bytes, (error) => error ? reject(error) : resolve());
    return promise;
  };
  await feedChannel({ ...feed, write }).catch(() => {});
  stdin.end();
}

/**
 * Writes the wrapper's and the agent's pid with their start times. Done after the agent was started, since to read
 * start times takes half a second on Windows. Until then the wrapper's bare pid and the lock are enough.
 */
function introduce(files: KeepRequest["files"], agentPid: number, processes: Processes): void {
  for (const [path, pid] of [[files.agentFile, agentPid], [files.pidFile, Deno.pid]] as const) {
    try {
      const identity = processes.identify(pid);
      if (identity !== null) writePid(path, `${pid} ${identity.startTime} ${identity.bootId}\n`);
    } catch {
      // On a full disk the turn goes on: the wrapper's bare pid was written before.
    }
  }
}

function writePid(path: string, text: string): void {
  Deno.writeTextFileSync(`${path}.tmp`, text, { mode: PRIVATE_FILE_MODE });
  renameOver(`${path}.tmp`, path);
}

/** Writes to the agent's stderr why it could not be started. Returns the exit code that a shell would use for that. */
function refused(error: unknown, stderrFile: string): number {
  const text = messageOf(error);
  try {
    Deno.writeTextFileSync(stderrFile, `agent-async: ${text}\n`, { append: true, mode: PRIVATE_FILE_MODE });
  } catch {
    // The exit code still says that the agent was not started.
  }
  return error instanceof Error && "code" in error && error.code === "ENOENT" ? NOT_FOUND : CANNOT_RUN;
}
