/**
 * Room `kernel`: what the process does that is the wrapper where there is no POSIX shell; step by step the same as
 * the script in `wrapper.ts`. The agent writes straight to its files, so nothing that it prints goes through here.
 *
 * @module
 */
import { spawn, type StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import * as z from "zod";
import { messageOf } from "../../domain/errors.ts";
import { PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import { commandBehindShim } from "../../system/npm_shim.ts";
import type { Processes } from "../../system/processes/processes.ts";
import { withGivenUmask } from "../../system/processes/umask.ts";
import { WRAPPER_REFUSED } from "./turn_wrapper.ts";
import { pause } from "../../system/pause.ts";

/** What a daemon asks for: paths of the turn's files, and the agent's command line. */
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
  /** The agent's stdin; nothing when `null`. */
  input: z.string().nullable(),
  executable: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
});
export type KeepRequest = z.infer<typeof KeepRequest>;

export interface KeepTurnOptions {
  /** A whole {@link KeepRequest} as JSON; anything else runs nothing. */
  request: ReadableStream<Uint8Array>;
  processes: Processes;
}

/** Codes of a shell for an agent that is there and cannot be run, and for one that is not there. */
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

/** The largest code that an exit record takes; Windows has larger ones. */
const MAX_CODE = 255;

/** Bytes of an exit record, allocated before the agent runs: a disk that it fills cannot lose its exit code. */
const RECORD_BYTES = 5;

/**
 * Signals to the group end the agent and spare this process. On Windows there are no others that it could hear of.
 */
const SPARED: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGHUP", "SIGINT", "SIGQUIT", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGUSR1", "SIGUSR2"];

/**
 * Claims the turn, runs its agent to the end and records its exit code.
 *
 * @returns the code to exit with; the process must exit at once, which releases the `alive` file
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
  // Now that others know the pid: a signal that has come already ends the turn without its agent.
  await pause(0);
  const code = early ?? await runAgent(asked, processes);
  writeExit(asked.files, `${String(code).padEnd(RECORD_BYTES - 1)}\n`);
  return 0;
}

/** To where it would be archived when somebody has taken the directory of exit records away. */
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

/** As it stands in an exit record: 128+n for signal n, and never 0 for what was none. */
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

/** Whether this process is the one that runs the turn. The file stays open and locked until the process ends. */
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
  const { executable, args, cwd, env, input, files } = request;
  using opened = new DisposableStack();
  const open = (path: string, flags: "r" | "a") => {
    const descriptor = openSync(path, flags, PRIVATE_FILE_MODE);
    opened.defer(() => closeSync(descriptor));
    return descriptor;
  };
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  try {
    const stdin = input === null ? "ignore" : open(input, "r");
    const stdio: StdioOptions = [stdin, open(files.rawFile, "a"), open(files.stderrFile, "a")];
    const [program, ...rest] = commandBehindShim(executable, args, env["PATH"] ?? env["Path"] ?? "");
    const child = withGivenUmask(() => spawn(program, rest, { cwd, env, stdio, windowsHide: true }));
    child.once("exit", (code, signal) => resolve(recordedCode(code, signal)));
    child.once("error", (error) => resolve(refused(error, files.stderrFile)));
    if (child.pid !== undefined) introduce(files, child.pid, processes);
  } catch (error) {
    resolve(refused(error, files.stderrFile));
  }
  return await ended;
}

/**
 * Who runs the turn and who is its agent, with their start times. After the agent has begun, since to tell those takes
 * half a second on Windows; until then the pid and the lock say enough.
 */
function introduce(files: KeepRequest["files"], agentPid: number, processes: Processes): void {
  for (const [path, pid] of [[files.agentFile, agentPid], [files.pidFile, Deno.pid]] as const) {
    try {
      const identity = processes.identify(pid);
      if (identity !== null) writePid(path, `${pid} ${identity.startTime} ${identity.bootId}\n`);
    } catch {
      // A full disk: it goes on with what is known.
    }
  }
}

function writePid(path: string, text: string): void {
  Deno.writeTextFileSync(`${path}.tmp`, text, { mode: PRIVATE_FILE_MODE });
  Deno.renameSync(`${path}.tmp`, path);
}

/** The agent was not started: its stderr says why, as a shell would have said it. */
function refused(error: unknown, stderrFile: string): number {
  const text = messageOf(error);
  try {
    Deno.writeTextFileSync(stderrFile, `agent-async: ${text}\n`, { append: true, mode: PRIVATE_FILE_MODE });
  } catch {
    // The code says it as well.
  }
  return error instanceof Error && "code" in error && error.code === "ENOENT" ? NOT_FOUND : CANNOT_RUN;
}
