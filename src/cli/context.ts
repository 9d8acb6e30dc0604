/**
 * Room `cli`: what a running command can use: the terminal, the connection to the daemon, and printing.
 *
 * @module
 */
import type { DaemonControl } from "../service/daemon_control.ts";
import type { JobService } from "../service/job_service.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./render/json_text.ts";
import type { Style } from "./render/style.ts";
import { sentences } from "./render/wrap_words.ts";

/** An open connection to the daemon. Its owner must close it. */
export interface ServiceConnection {
  readonly service: JobService;
  readonly control: DaemonControl;
  close(): void;
}

/** What a command needs from outside the terminal. Tests give their own. */
export interface Doors {
  /** Connects to the daemon. The first call of the service starts a daemon when none runs. */
  connect(io: Io, version: string): Promise<ServiceConnection>;
}

export interface Context {
  readonly io: Io;
  readonly version: string;
  /** Aborted by the first Ctrl-C. A second Ctrl-C ends the program at once. */
  readonly interrupt: AbortSignal;
  /** Colours for stdout. */
  readonly style: Style;
  /** The service of the daemon. The first call opens the connection. */
  service(): Promise<JobService>;
  control(): Promise<DaemonControl>;
}

/** Writes sentences to stderr, for the person at the terminal. */
export async function tell({ io: { stderr } }: Context, text: string): Promise<void> {
  await stderr.write(`${sentences(text, stderr)}\n`);
}

/** Writes a result that consists of sentences to stdout. */
export async function printSentences({ io: { stdout } }: Context, text: string): Promise<void> {
  await stdout.write(`${sentences(text, stdout)}\n`);
}

/** Writes one JSON document, indented, to stdout. */
export async function printJson(context: Context, value: unknown): Promise<void> {
  await context.io.stdout.write(`${jsonText(value, 2)}\n`);
}

/** Writes one JSON document as one line to stdout. */
export async function printJsonLine(context: Context, value: unknown): Promise<void> {
  await context.io.stdout.write(`${jsonText(value)}\n`);
}
