/**
 * Room `cli`: starts an MCP server as a host would, and checks that it answers `initialize`.
 *
 * @module
 */
import * as z from "zod";
import { messageOf } from "../../domain/errors.ts";
import { Deadline } from "../../system/deadline.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

/** Limit in ms of the answer to `initialize`: the least that hosts give a server. */
const GREETING_MS = 10_000;

/** Most characters of output in which the answer is looked for: more is no MCP server's. */
const MOST_BYTES = 1_048_576;

const Greeting = z.object({
  id: z.literal(1),
  result: z.object({ serverInfo: z.object({ name: z.string(), version: z.string() }) }),
});

export type Greeted = { readonly version: string } | { readonly fault: string };

export interface GreetOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** 10,000 unless given. */
  readonly timeoutMs?: number;
}

/** The process is ended in any case, with all of its group. */
export async function greetServer(
  [program = "", ...args]: readonly string[],
  { env, cwd, timeoutMs = GREETING_MS }: GreetOptions,
): Promise<Greeted> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      env: { ...env },
      clearEnv: true,
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // A group of its own: a launcher is ended together with what it launched, or we would wait for its output.
      detached: Deno.build.os !== "windows",
    }).spawn();
  } catch (error) {
    return { fault: messageOf(error) };
  }
  const stderr = new Response(child.stderr).text();
  using deadline = new Deadline(timeoutMs, () => end(child));
  let version: string | null = null;
  try {
    version = await askedVersion(child);
    // A server that closed its output is waited for until it ends or the time is up: then its stderr is whole.
    if (version === null) await child.status;
  } finally {
    deadline[Symbol.dispose]();
    end(child);
  }
  if (version !== null) return { version };
  if (deadline.isOver) return { fault: `no answer to initialize in ${timeoutMs / 1_000} s` };
  const { code } = await child.status;
  const said = (await stderr).trim().split("\n").find((line) => line !== "") ?? "it said nothing";
  return { fault: `it ended with ${code}: ${said.slice(0, 300)}` };
}

async function askedVersion(child: Deno.ChildProcess): Promise<string | null> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(INITIALIZE)}\n`));
  } catch {
    // It has ended already; why, its stderr says.
  }
  let text = "";
  try {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      const lines = text.split("\n");
      const version = lines.slice(0, -1).map(versionIn).find((found) => found !== null) ?? null;
      if (version !== null || text.length > MOST_BYTES) return version;
    }
  } finally {
    await writer.close().catch(() => {});
  }
  return null;
}

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "agent-async doctor", version: "1" },
  },
};

function versionIn(line: string): string | null {
  return Greeting.safeParse(parsedJson(line)).data?.result.serverInfo.version ?? null;
}

/** Kills the process group at once: a server that was only greeted has nothing to clean up. */
function end(child: Deno.ChildProcess): void {
  try {
    if (Deno.build.os === "windows") child.kill("SIGKILL");
    else Deno.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
