/**
 * A terminal in memory and a scripted service behind it: one command line, run in this process.
 *
 * @module
 */
import type { ServiceConnection } from "../../src/cli/context.ts";
import type { Input, Io, Output } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/entry/run_cli.ts";
import type { DaemonControl } from "../../src/service/daemon_control.ts";
import type { JobService } from "../../src/service/job_service.ts";
import { ScriptedService } from "../support/scripted_service.ts";

/** The time by the wall in every test: two minutes after the scripted jobs were created. */
export const NOW = Date.parse("2026-01-01T00:02:00.000Z");

export interface CommandLineOptions {
  readonly service?: JobService;
  readonly control?: Partial<DaemonControl>;
  /** All of it, or what reading it comes to. */
  readonly stdin?: string | (() => Promise<string>);
  readonly isTerminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Handed the function that presses Ctrl-C. */
  readonly onInterruptible?: (press: () => void) => void;
  /** Writes to stdout that succeed before the reader is gone. */
  readonly writesUntilBroken?: number;
  /** Ms that the steady clock advances at each look. */
  readonly tickMs?: number;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function commandLine(
  args: readonly string[],
  options: CommandLineOptions = {},
): Promise<Outcome> {
  const out = new MemoryOutput(options, options.writesUntilBroken ?? Infinity);
  const error = new MemoryOutput(options, Infinity);
  let steady = 0;
  const io: Io = {
    stdin: memoryInput(options),
    stdout: out,
    stderr: error,
    env: options.env ?? { HOME: "/home/user", NO_COLOR: "1" },
    cwd: options.cwd ?? "/work/project",
    onInterrupt(callback) {
      options.onInterruptible?.(callback);
      return { [Symbol.dispose]: () => {} };
    },
    clock: { now: () => NOW, steady: () => steady += options.tickMs ?? 0 },
  };
  const connection: ServiceConnection = {
    service: options.service ?? new ScriptedService(),
    control: { ...NO_CONTROL, ...options.control },
    close: () => {},
  };
  const code = await runCli(args, io, {
    version: "1.2.3",
    doors: { connect: () => Promise.resolve(connection) },
  });
  return { code, stdout: out.text, stderr: error.text };
}

class MemoryOutput implements Output {
  text = "";
  readonly isTerminal: boolean;
  readonly columns: number;
  #writesLeft: number;

  constructor(options: CommandLineOptions, writesLeft: number) {
    this.isTerminal = options.isTerminal ?? false;
    this.columns = options.columns ?? 80;
    this.#writesLeft = writesLeft;
  }

  get stream(): WritableStream<Uint8Array> {
    return new WritableStream();
  }

  write(text: string): Promise<void> {
    if (this.#writesLeft-- <= 0) return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe"));
    this.text += text;
    return Promise.resolve();
  }
}

function memoryInput(options: CommandLineOptions): Input {
  const { stdin = "" } = options;
  const lines = typeof stdin !== "string" || stdin === "" ? [] : stdin.split("\n");
  return {
    // Without a terminal and without arguments the program would be the MCP server.
    isTerminal: options.isTerminal ?? true,
    readText: typeof stdin === "string" ? () => Promise.resolve(stdin) : stdin,
    readLine: () => Promise.resolve(lines.shift() ?? null),
    stream: new ReadableStream(),
  };
}

function unscripted(): Promise<never> {
  return Promise.reject(new Error("was not expected to be asked"));
}

const NO_CONTROL: DaemonControl = {
  ping: unscripted,
  status: unscripted,
  stop: unscripted,
  handover: unscripted,
};
