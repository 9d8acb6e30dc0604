/**
 * Room `daemon`: runs a command of the user's for each update of a kind, with what it is about on its stdin. It reads
 * the feed by a cursor of its own that outlives the daemon: an update is never passed over, and told twice only after a
 * crash.
 *
 * @module
 */
import { strictJson } from "../../domain/reading/strict_json.ts";
import type { JobService } from "../../service/job_service.ts";
import type { FeedRequest, Notification } from "../../service/read_requests.ts";
import { readTextIfExists, writeAtomically } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { shellWords } from "../../system/processes/system_shell.ts";
import { withGivenUmask } from "../../system/processes/umask.ts";
import { pause } from "../../system/pause.ts";

/** Ms that the command may take: it is to tell somebody, not to work. */
const COMMAND_MS = 60_000;

/** Seconds of one look at the feed. */
const LOOK_SECONDS = 60;

/** Updates that are passed over in one look, while no command is set. */
const PASSED_OVER = 100;

/** Ms after which the cursor is kept that has passed over updates which nobody was to be told of. */
const KEEP_MS = 1_000;

/** Ms before the feed is tried again after a failure. */
const RETRY_MS = 5_000;

/** A shell command line, or a program and its arguments. */
export type UserCommand = string | readonly string[];

export interface FeedCommandOptions {
  service: JobService;
  /** The name of the setting, for the log. */
  setting: "on_finish" | "on_question";
  /** The command, read anew for each update. `null`: none is run, and what happens meanwhile is passed over. */
  command: () => UserCommand | null;
  /** Where the cursor is kept. */
  cursorFile: string;
  env: Readonly<Record<string, string>>;
  log: Log;
  signal: AbortSignal;
}

/** What a command is told of. */
export interface FeedCommandKind {
  /** Which updates it is about, at least. */
  feed: Pick<FeedRequest, "finished_only" | "with_questions">;
  /** What goes to its stdin; `null` for an update that it is not told of, or that is over by now. */
  inputOf: (news: Notification) => Promise<object | null>;
  /** The variable that names the job. */
  variable: string;
}

/** Resolves when the signal fires. */
export async function runFeedCommand(options: FeedCommandOptions, kind: FeedCommandKind): Promise<void> {
  const { service, setting, signal, log } = options;
  let cursor = readCursor(options.cursorFile);
  using keeper = new CursorKeeper(options);
  while (!signal.aborted) {
    try {
      if (cursor === null) {
        cursor = (await service.feed({}, { signal })).cursor;
        writeAtomically(options.cursorFile, `${cursor}\n`);
      }
      const limit = options.command() === null ? PASSED_OVER : 1;
      const page = await service.feed({ cursor, limit, ...kind.feed, wait_seconds: LOOK_SECONDS }, {
        signal,
      });
      let isTold = false;
      for (const news of page.notifications) isTold = await tell(news, options, kind) || isTold;
      if (page.cursor !== cursor) keeper.keep(page.cursor, isTold ? "now" : "soon");
      cursor = page.cursor;
    } catch (error) {
      if (signal.aborted) return;
      log.error(`cannot read what ${setting} is to be told; trying again`, { error: String(error) });
      await pause(RETRY_MS);
    }
  }
}

/** Whether there was a command to be told. */
async function tell(
  news: Notification,
  { setting, command, env, log, signal }: FeedCommandOptions,
  { inputOf, variable }: FeedCommandKind,
): Promise<boolean> {
  const wanted = command();
  if (wanted === null) return false;
  const jobId = news.job_id;
  const input = await inputOf(news);
  if (input === null) return true;
  const isLine = typeof wanted === "string";
  const [program = "", ...args] = isLine ? shellWords(wanted) : wanted;
  try {
    const process = new Deno.Command(program, {
      args,
      // cmd.exe takes a command line as it stands, and no other way of quoting.
      windowsRawArguments: isLine,
      // Not AGENT_ASYNC_JOB_ID: processes that carry it are ended with their job.
      env: { ...env, [variable]: jobId },
      clearEnv: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(COMMAND_MS),
    });
    const child = withGivenUmask(() => process.spawn());
    const writer = child.stdin.getWriter();
    // A command that does not read its stdin has not failed.
    await writer.write(new TextEncoder().encode(strictJson(input))).catch(() => {});
    await writer.close().catch(() => {});
    // A daemon that leaves does not wait for the command, which has its input by now.
    const code = await orGivenUp(child.status.then((status) => status.code), signal);
    if (code !== null && code !== 0) log.warn(`the ${setting} command failed`, { job: jobId, code });
  } catch (error) {
    log.warn(`the ${setting} command could not be run`, { job: jobId, error: String(error) });
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
  readonly #options: FeedCommandOptions;
  #due: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: FeedCommandOptions) {
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
      log.warn(`cannot keep how far ${this.#options.setting} has come`, { error: String(error) });
    }
  }
}

function readCursor(path: string): number | null {
  const text = readTextIfExists(path)?.trim() ?? "";
  return /^\d+$/.test(text) ? Number(text) : null;
}
