/**
 * Room `kernel`: which program hands a growing file on to an agent's stdin. The system's `tail` is the smallest, but not
 * every one is quick: that of busybox looks once a second. So it is tried before it is used.
 *
 * @module
 */
import { join } from "node:path";
import { removeIfExists, writeNew } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";

/** Where a system has its `tail`. The PATH is not asked: it may lead to a program of another kind. */
const DIRECTORIES = ["/usr/bin", "/bin"];

/**
 * Arguments, the best first. GNU's looks every 20 ms where the system's watchers are used up. Others know no `-s`, and
 * may be told of changes by the system.
 */
const ARGUMENTS = [["-s", "0.02", "-c", "+1", "-f"], ["-c", "+1", "-f"]];

/** Ms within which a line must come out that was appended. */
const QUICK_MS = 200;

/** Ms that a candidate may take to start. */
const START_MS = 2_000;

export interface FeederOptions {
  /** A directory for the file that it is tried with, in which a file that a crash leaves is removed. */
  directory: string;
  /** What is used where no `tail` is quick: a command to which the file's path is added. */
  fallback: readonly string[];
  directories?: readonly string[];
}

/** The command of the feeder; the path of the file is to be added. */
export async function chooseFeeder(
  { directory, fallback, directories = DIRECTORIES }: FeederOptions,
): Promise<readonly string[]> {
  for (const program of directories.map((each) => join(each, "tail"))) {
    for (const args of ARGUMENTS) {
      const command = [program, ...args];
      if (await isQuick(command, directory)) return command;
    }
  }
  return fallback;
}

/** Whether what is appended to a file comes out soon, once the program has come up. */
async function isQuick(command: readonly string[], directory: string): Promise<boolean> {
  const path = join(directory, `.feeder.${crypto.randomUUID()}`);
  const [program = "", ...args] = command;
  let child: Deno.ChildProcess | null = null;
  try {
    writeNew(path, "1\n");
    child = new Deno.Command(program, {
      args: [...args, path],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    return await follows(child, path);
  } catch {
    return false;
  } finally {
    try {
      child?.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await child?.status;
    removeIfExists(path);
  }
}

async function follows(child: Deno.ChildProcess, path: string): Promise<boolean> {
  const output = child.stdout.getReader();
  try {
    if (!await comes(output, START_MS)) return false;
    // Appended when it waits for more, as it does in a talk.
    await pause(QUICK_MS / 4);
    Deno.writeTextFileSync(path, "2\n", { append: true });
    return await comes(output, QUICK_MS);
  } finally {
    await output.cancel();
  }
}

async function comes(output: ReadableStreamDefaultReader<Uint8Array>, ms: number): Promise<boolean> {
  const late = new AbortController();
  try {
    const first = await Promise.race([output.read(), pause(ms, late.signal)]);
    return first !== undefined && first.done !== true;
  } finally {
    late.abort();
  }
}
