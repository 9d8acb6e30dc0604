/**
 * Test support: the real program, from source or as the executable that `AGENT_ASYNC_TEST_EXECUTABLE` names, and its
 * MCP server and daemon as processes of their own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { JobResult } from "../../src/domain/job/result.ts";
import { WaitResult } from "../../src/service/read_requests.ts";
import { Receipt } from "../../src/service/requests.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { withoutMarksIn } from "./fence_marks.ts";
import { eventually } from "./eventually.ts";
import { fromFileUrl } from "./from_file_url.ts";
import { McpProcess } from "./mcp_client.ts";
import type { StateHome } from "./state_home.ts";
import { z } from "zod";
import { sendSignal } from "./signals.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));
const NEWER_MAIN = fromFileUrl(new URL("../fixtures/newer_main.ts", import.meta.url));

/** The program and its first arguments. */
export function programCommand(): [string, ...string[]] {
  const executable = Deno.env.get("AGENT_ASYNC_TEST_EXECUTABLE");
  return executable === undefined ? [Deno.execPath(), "run", "-A", "--no-check", MAIN] : [executable];
}

/** The same program from source, with a version that is newer than any. */
export function newerProgramCommand(): [string, ...string[]] {
  return [Deno.execPath(), "run", "-A", "--no-check", NEWER_MAIN];
}

/** As the newer program tells it. */
export const NEWER_VERSION = "999.0.0";

/** The environment of a host that starts the program; the caches of Deno are those of this process. */
export function hostEnvironment(state: Pick<StateHome, "env">): Record<string, string> {
  const env = { ...state.env };
  for (const name of ["DENO_DIR", "XDG_CACHE_HOME"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  env.DENO_DIR ??= `${Deno.env.get("HOME")}/.cache/deno`;
  return env;
}

/** Ms for one call: more than the longest wait. */
const CALL_OPTIONS = { timeout: 180_000 };

export interface ProgramOutput {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs one command to its end.
 *
 * @param options.program another program than {@link programCommand}'s.
 */
export async function runProgram(
  state: StateHome,
  args: readonly string[],
  { stdin = "", program = programCommand() }: {
    stdin?: string | Uint8Array;
    program?: readonly [string, ...string[]];
  } = {},
): Promise<ProgramOutput> {
  const [executable, ...first] = program;
  const child = new Deno.Command(executable, {
    args: [...first, ...args],
    env: hostEnvironment(state),
    clearEnv: true,
    cwd: state.cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const input = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
  await writer.write(input).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A host session: the program's MCP server with a client at its other end. */
export class HostSession implements AsyncDisposable {
  private constructor(readonly mcp: McpProcess, readonly state: StateHome) {}

  /** @param options.program another program than {@link programCommand}'s. */
  static async start(
    state: StateHome,
    args: readonly string[] = ["mcp"],
    { program = programCommand() }: { program?: readonly [string, ...string[]] } = {},
  ): Promise<HostSession> {
    const mcp = await McpProcess.start({
      command: [...program, ...args],
      env: hostEnvironment(state),
      cwd: state.cwd,
    });
    return new HostSession(mcp, state);
  }

  /** The structured content of a tool call that has to succeed, without the marks around an agent's words. */
  async call<Schema extends z.ZodType>(
    name: string,
    args: Record<string, unknown>,
    schema: Schema,
  ): Promise<z.output<Schema>> {
    const answer = await this.mcp.client.callTool({ name, arguments: args }, undefined, CALL_OPTIONS);
    assert.notEqual(answer.isError, true, JSON.stringify(answer.content));
    return schema.parse(withoutMarksIn(answer.structuredContent));
  }

  /** The text of a tool call that has to fail. */
  async refused(name: string, args: Record<string, unknown>): Promise<string> {
    const answer = await this.mcp.client.callTool({ name, arguments: args }, undefined, CALL_OPTIONS);
    assert.equal(answer.isError, true, JSON.stringify(answer.content));
    return z.array(z.object({ text: z.string() })).parse(answer.content).map((part) => part.text).join("\n");
  }

  async start(prompt: string, args: Record<string, unknown> = {}): Promise<string> {
    const started = Receipt.pick({ job_id: true });
    const receipt = await this.call("codex_start", { prompt, cwd: this.state.cwd, ...args }, started);
    return receipt.job_id;
  }

  /** The whole job result, as the resource has it: what tools tell a model is leaner. */
  async poll(jobId: string): Promise<JobResult> {
    const { contents } = await this.mcp.client.readResource({ uri: `job://${jobId}` });
    const [content] = z.array(z.looseObject({ text: z.string() })).parse(contents);
    return JobResult.parse(JSON.parse(content?.text ?? ""));
  }

  /** The job when it has ended, within five minutes: ten times what the longest takes on an idle machine. */
  async ended(jobId: string): Promise<JobResult> {
    const waited = WaitResult.pick({ timed_out: true });
    for (let tries = 0; tries < 3; tries++) {
      const { timed_out } = await this.call("job_wait", { job_ids: [jobId], timeout_seconds: 100 }, waited);
      if (!timed_out) break;
    }
    const job = await this.poll(jobId);
    assert.ok(!["pending", "running"].includes(job.status), JSON.stringify(job));
    return job;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mcp.close();
  }
}

/** The pid of the daemon that owns a state directory. */
export function daemonPid(state: StateHome): number | null {
  try {
    const pid = /\d+/.exec(Deno.readTextFileSync(`${state.home}/daemon.lock`))?.[0];
    return pid !== undefined && isAlive(Number(pid)) ? Number(pid) : null;
  } catch {
    return null;
  }
}

/** Ends the daemon without giving it a chance to say goodbye. */
export async function killDaemon(state: StateHome): Promise<number> {
  const pid = await eventually(() => daemonPid(state), { what: "a daemon" });
  sendSignal(pid, "SIGKILL");
  await eventually(() => !isAlive(pid), { what: "the daemon's end" });
  return pid;
}

/** Ends all jobs and the daemon of a state directory, so that nothing of a test outlives it. */
export async function shutDown(state: StateHome): Promise<void> {
  const listed = await runProgram(state, ["list", "--json", "--limit", "100"]);
  const jobs = z.object({ jobs: z.array(z.object({ job_id: z.string(), status: z.string() })) });
  const active = jobs.parse(JSON.parse(listed.stdout)).jobs.filter((job) =>
    /pending|running/.test(job.status)
  );
  if (active.length > 0) await runProgram(state, ["cancel", ...active.map((job) => job.job_id)]);
  await runProgram(state, ["daemon", "stop"]);
}

/** Whether a process runs; zombies do not. */
export function isAlive(pid: number): boolean {
  if (Deno.build.os !== "linux") {
    const processes = systemProcesses();
    const identity = processes.identify(pid);
    return identity !== null && processes.isAlive(identity);
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}
