/**
 * Room `daemon`: runs the user's command when a job ends, with the job result on its stdin. It reads the feed by a
 * cursor of its own that outlives the daemon: an end is never passed over, and told twice only after a crash.
 *
 * @module
 */
import { strictJson } from "../../domain/reading/strict_json.ts";
import type { JobService } from "../../service/job_service.ts";
import { readTextIfExists, writeAtomically } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { shellWords } from "../../system/processes/system_shell.ts";
import { withGivenUmask } from "../../system/processes/umask.ts";
import { pause } from "../../system/pause.ts";

/** Ms that the command may take: it is to tell somebody, not to work. */
const COMMAND_MS = 60_000;

/** Seconds of one look at the feed. */
const LOOK_SECONDS = 60;

/** Ends that are passed over in one look, while no command is set. */
const PASSED_OVER = 100;

/** Ms after which the cursor is kept that has passed over ends which nobody was to be told of. */
const KEEP_MS = 1_000;

/** Ms before the feed is tried again after a failure. */
const RETRY_MS = 5_000;

/** A shell command line, or a program and its arguments. */
export type OnFinishCommand = string | readonly string[];

export interface OnFinishOptions {
  service: JobService;
  /** The command, read anew for each job. `null`: none is run, and jobs that end meanwhile are passed over. */
  command: () => OnFinishCommand | null;
  /** Where the cursor is kept. */
  cursorFile: string;
  env: Readonly<Record<string, string>>;
  log: Log;
  signal: AbortSignal;
}

/** Resolves when the signal fires. */
export async function runOnFinish(options: OnFinishOptions): Promise<void> {
  const { service, signal, log } = options;
  let cursor = readCursor(options.cursorFile);
  using keeper = new CursorKeeper(options);
  while (!signal.aborted) {
    try {
      if (cursor === null) {
        cursor = (await service.feed({}, { signal })).cursor;
        writeAtomically(options.cursorFile, `${cursor}\n`);
      }
      const limit = options.command() === null ? PASSED_OVER : 1;
      const page = await service.feed({ cursor, limit, finished_only: true, wait_seconds: LOOK_SECONDS }, {
        signal,
      });
      let isTold = false;
      for (const { job_id } of page.notifications) isTold = await tell(job_id, options) || isTold;
      if (page.cursor !== cursor) keeper.keep(page.cursor, isTold ? "now" : "soon");
      cursor = page.cursor;
    } catch (error) {
      if (signal.aborted) return;
      log.error("cannot tell of a job's end; trying again", { error: String(error) });
      await pause(RETRY_MS);
    }
  }
}

/** Whether there was a command to be told. */
async function tell(
  jobId: string,
  { service, command, env, log, signal }: OnFinishOptions,
): Promise<boolean> {
  const wanted = command();
  if (wanted === null) return false;
  const result = await service.poll({ job_id: jobId }).catch(() => null);
  // The job was pruned before its end could be told.
  if (result === null) return true;
  const isLine = typeof wanted === "string";
  const [program = "", ...args] = isLine ? shellWords(wanted) : wanted;
  try {
    const process = new Deno.Command(program, {
      args,
      // cmd.exe takes a command line as it stands, and no other way of quoting.
      windowsRawArguments: isLine,
      // Not AGENT_ASYNC_JOB_ID: processes that carry it are ended with their job.
      env: { ...env, AGENT_ASYNC_FINISHED_JOB_ID: jobId },
      clearEnv: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(COMMAND_MS),
    });
    const child = withGivenUmask(() => process.spawn());
    const writer = child.stdin.getWriter();
    // A command that does not read its stdin has not failed.
    await writer.write(new TextEncoder().encode(strictJson(result))).catch(() => {});
    await writer.close().catch(() => {});
    // A daemon that leaves does not wait for the command, which has its input by now.
    const code = await orGivenUp(child.status.then((status) => status.code), signal);
    if (code !== null && code !== 0) log.warn("the on_finish command failed", { job: jobId, code });
  } catch (error) {
    log.warn("the on_finish command could not be run", { job: jobId, error: String(error) });
  }
  return true;
}

/** `null` when the signal fires first. The signal outlives thousands of commands, so no listener is left on it. */
async function orGivenUp<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | null> {
  const { promise: givenUp, resolve } = Promise.withResolvers<null>();
  const giveUp = () => resolve(null);
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([promise, givenUp]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/**
 * Writes down how far the feed has been read. A cursor that has told somebody is kept at once; many that have only passed
 * over ends are kept as one: after a crash they are passed over again, unless a command was set in that second.
 */
class CursorKeeper implements Disposable {
  readonly #options: OnFinishOptions;
  #due: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: OnFinishOptions) {
    this.#options = options;
  }

  keep(cursor: number, when: "now" | "soon"): void {
    this.#due = cursor;
    if (when === "now") this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), KEEP_MS);
  }

  [Symbol.dispose](): void {
    this.#write();
  }

  /** A cursor that cannot be written, on a full disk, is only logged: failing would tell the same end again and again. */
  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#due === null) return;
    const { cursorFile, log } = this.#options;
    try {
      writeAtomically(cursorFile, `${this.#due}\n`);
      this.#due = null;
    } catch (error) {
      log.warn("cannot keep how far on_finish has come", { error: String(error) });
    }
  }
}

function readCursor(path: string): number | null {
  const text = readTextIfExists(path)?.trim() ?? "";
  return /^\d+$/.test(text) ? Number(text) : null;
}
