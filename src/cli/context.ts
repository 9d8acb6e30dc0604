/**
 * Room `cli`: what a running command has at hand.
 *
 * @module
 */
import type { DaemonControl } from "../service/daemon_control.ts";
import type { JobService } from "../service/job_service.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./render/json_text.ts";
import type { Style } from "./render/style.ts";
import { sentences } from "./render/wrap_words.ts";

/** The way to the daemon. */
export interface ServiceConnection {
  readonly service: JobService;
  readonly control: DaemonControl;
  close(): void;
}

/** What a command reaches beyond the terminal; tests give something else. */
export interface Doors {
  /** Starts a daemon when the first call needs one. */
  connect(io: Io, version: string): Promise<ServiceConnection>;
}

export interface Context {
  readonly io: Io;
  readonly version: string;
  /** Aborted by the first Ctrl-C; a second one ends the program whatever it does. */
  readonly interrupt: AbortSignal;
  /** For stdout. */
  readonly style: Style;
  /** Connects at the first call. */
  service(): Promise<JobService>;
  control(): Promise<DaemonControl>;
}

/** Sentences for the person at the terminal. */
export async function tell({ io: { stderr } }: Context, text: string): Promise<void> {
  await stderr.write(`${sentences(text, stderr)}\n`);
}

/** The result, where it is told in sentences. */
export async function printSentences({ io: { stdout } }: Context, text: string): Promise<void> {
  await stdout.write(`${sentences(text, stdout)}\n`);
}

/** One JSON document on stdout. */
export async function printJson(context: Context, value: unknown): Promise<void> {
  await context.io.stdout.write(`${jsonText(value, 2)}\n`);
}

/** One line of a stream of JSON documents. */
export async function printJsonLine(context: Context, value: unknown): Promise<void> {
  await context.io.stdout.write(`${jsonText(value)}\n`);
}
