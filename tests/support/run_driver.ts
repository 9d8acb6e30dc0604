/**
 * Support for tests: one turn of a driver's command line with the real process, without a kernel. Its stdout goes to a
 * file, as in a job, since the CLIs lose the end of what they print into a pipe.
 *
 * @module
 */
import type { AgentDriver } from "../../src/agents/driver.ts";
import type { Reading } from "../../src/agents/turn_reader.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { judge } from "../../src/domain/turn/outcome.ts";
import type { Terminal, Verdict } from "../../src/domain/turn/turn.ts";
import { PathSearch } from "../../src/system/files/path_search.ts";

export interface DriverRun {
  code: number;
  events: EventBody[];
  terminal: Terminal | null;
  verdict: Verdict;
  stdout: string;
  stderr: string;
}

export interface RunningDriver {
  readonly pid: number;
  /** What it has printed so far. */
  stdout(): string;
  readonly ended: Promise<DriverRun>;
}

export interface RunOptions {
  driver: AgentDriver;
  executable: string;
  prompt: string;
  cwd: string;
  /** For the prompt, the output and what the command needs; new for each turn. */
  directory: string;
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  plan?: Partial<TurnPlan>;
}

const SCRIPT = 'cd "$1" && shift && exec "$@" <"$TEST_STDIN" >"$TEST_STDOUT" 2>"$TEST_STDERR"';

export function startDriver(options: RunOptions): RunningDriver {
  const { driver, directory } = options;
  Deno.mkdirSync(`${directory}/scratch`, { recursive: true });
  const promptFile = `${directory}/prompt.md`;
  const prompt = driver.guardPrompt?.(options.prompt, new PathSearch(options.cwd)) ?? options.prompt;
  Deno.writeTextFileSync(promptFile, prompt);
  const command = driver.command({
    executable: options.executable,
    version: null,
    cwd: options.cwd,
    policy: "auto-edit",
    model: null,
    sessionId: null,
    newSessionId: crypto.randomUUID(),
    gitDirs: [],
    nestedRepositories: [],
    untrustedRoots: [],
    tempDirs: [],
    promptFile,
    scratchDir: `${directory}/scratch`,
    extraArgs: [],
    mcp: "none",
    isRoot: false,
    ...options.plan,
  });
  const args = [...command.args];
  if (command.promptAsArgument !== undefined) args[command.promptAsArgument] = prompt;
  for (const [name, text] of Object.entries(command.files ?? {})) {
    Deno.writeTextFileSync(`${directory}/scratch/${name}`, text);
  }
  const env: Record<string, string> = { ...options.env };
  for (const [name, value] of Object.entries(command.env)) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", SCRIPT, "sh", options.cwd, options.executable, ...args],
    clearEnv: true,
    env: {
      ...env,
      TEST_STDIN: command.stdin === "prompt" ? promptFile : "/dev/null",
      TEST_STDOUT: `${directory}/stdout`,
      TEST_STDERR: `${directory}/stderr`,
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    pid: child.pid,
    stdout: () => readIfThere(`${directory}/stdout`),
    ended: child.status.then(({ code }) => read(options, code)),
  };
}

export function runDriver(options: RunOptions): Promise<DriverRun> {
  return startDriver(options).ended;
}

function read({ driver, directory, plan }: RunOptions, code: number): DriverRun {
  const stdout = readIfThere(`${directory}/stdout`);
  const stderr = readIfThere(`${directory}/stderr`);
  const startedAt = Date.now();
  const reader = driver.reader({ sessionId: plan?.sessionId ?? null, sessionUsage: null, startedAt });
  const lines = stdout.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const readings: Reading[] = lines.map((line) => reader.read(line));
  for (const line of stderr.split("\n")) readings.push({ events: reader.readError?.(line) ?? [] });
  readings.push(reader.finish());
  const terminal = readings.reduce<Terminal | null>((last, reading) => reading.terminal ?? last, null);
  const end = { kind: "exited", code } as const;
  return {
    code,
    events: readings.flatMap(({ events }) => events),
    terminal,
    verdict: judge({
      end,
      terminal: terminal === null ? null : { word: terminal, offset: 0 },
      stop: null,
      endedAfterGrace: false,
      diagnosis: driver.diagnose({ end, stderr: stderr.slice(-8_192), startedAt }),
      stderrTail: stderr.slice(-1_000),
    }),
    stdout,
    stderr,
  };
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
