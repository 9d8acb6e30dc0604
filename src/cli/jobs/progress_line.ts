/**
 * Room `cli`: the progress line: one line on stderr that says what a job is doing, and for how long, while nothing else
 * is printed.
 * It is erased before anything else is printed, and is shown only on a terminal.
 *
 * @module
 */
import type { JobResult } from "../../domain/job/result.ts";
import { plainText } from "../../domain/event/transcript.ts";
import type { JobService } from "../../service/job_service.ts";
import type { Context } from "../context.ts";
import { styleFor } from "../render/style.ts";
import { durationText } from "../render/time.ts";
import { cutToWidth } from "../render/width.ts";

/** Ms of waiting before the line is first drawn, and between redraws. */
const TICK_MS = 1_000;

/**
 * Cells kept free at the end of the line: two for the `^C` or `^Z` that the terminal echoes, and one for the cursor.
 * With less, the line would wrap and could not be erased.
 */
const ROOM_FOR_ECHO = 3;

const ERASE_LINE = "\r\x1b[2K";

interface FollowedJob {
  readonly service: JobService;
  readonly jobId: string;
}

/**
 * Passes on `pages`, and shows the progress line while it waits for the next one. The line is shown only when stdout
 * and stderr are terminals that can erase a line.
 */
export async function* withProgress<Page>(
  pages: AsyncGenerator<Page, void, void>,
  job: FollowedJob,
  context: Context,
): AsyncGenerator<Page, void, void> {
  if (!isSeen(context)) return yield* pages;
  const line = new ProgressLine(job, context);
  for (;;) {
    const { done, value } = await line.during(pages.next());
    if (done === true) return;
    yield value;
  }
}

/** Waits for `news`, and shows the progress line meanwhile. */
export async function waitWithProgress<News>(
  news: Promise<News>,
  job: FollowedJob,
  context: Context,
): Promise<News> {
  return isSeen(context) ? await new ProgressLine(job, context).during(news) : await news;
}

/** Shows `text` on stderr while `work` runs. For work that takes seconds. */
export async function whileSaying<Result>(
  text: string,
  work: Promise<Result>,
  context: Context,
): Promise<Result> {
  if (!isSeen(context)) return await work;
  const { stderr, env } = context.io;
  await stderr.write(styleFor(stderr, env).dim(text));
  try {
    return await work;
  } finally {
    await stderr.write(ERASE_LINE);
  }
}

function isSeen({ io: { stdout, stderr, env } }: Context): boolean {
  return stdout.isTerminal && stderr.isTerminal && env["TERM"] !== "dumb";
}

class ProgressLine {
  readonly #job: FollowedJob;
  readonly #context: Context;
  /** The number of the turn whose time is shown, and when that turn began, in epoch ms. */
  #turn = { number: 0, began: 0 };
  #isShown = false;

  constructor(job: FollowedJob, context: Context) {
    this.#job = job;
    this.#context = context;
  }

  /** Shows the progress line until `news` is settled. */
  async during<News>(news: Promise<News>): Promise<News> {
    const { io: { stderr }, interrupt } = this.#context;
    const silence = new AbortController();
    let drawing = Promise.resolve();
    const timer = setInterval(() => {
      // An error while drawing is ignored: if the daemon has a problem, `news` reports it.
      drawing = drawing.then(() => this.#draw(silence.signal)).catch(() => {});
    }, TICK_MS);
    try {
      return await news;
    } finally {
      clearInterval(timer);
      silence.abort();
      await drawing;
      // After an interrupt this erases the `^C` that the terminal has echoed, too.
      if (this.#isShown || interrupt.aborted) await stderr.write(ERASE_LINE);
      this.#isShown = false;
    }
  }

  async #draw(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { io } = this.#context;
    const job = await this.#job.service.poll({ job_id: this.#job.jobId, tail_lines: 0 }, { signal });
    const text = progressText(job, { began: await this.#beginOf(job, signal), now: io.clock.now() });
    if (signal.aborted || text === null) return;
    this.#isShown = true;
    const line = cutToWidth(text, io.stderr.columns - ROOM_FOR_ECHO);
    await io.stderr.write(ERASE_LINE + styleFor(io.stderr, io.env).dim(line));
  }

  /** The time in epoch ms at which the current turn began. That may be days after the job was started. */
  async #beginOf(job: JobResult, signal: AbortSignal): Promise<number> {
    if (job.turn === 1 || job.status === "pending") return Date.parse(job.started_at ?? job.created_at);
    if (this.#turn.number !== job.turn) {
      const { events } = await this.#job.service.events({
        job_id: job.job_id,
        cursor: 0,
        limit: 500,
        types: ["status"],
      }, { signal });
      const first = events.find(({ turn }) => turn === job.turn);
      if (first === undefined) return this.#context.io.clock.now();
      this.#turn = { number: job.turn, began: Date.parse(first.time) };
    }
    return this.#turn.began;
  }
}

/**
 * The text of the progress line, such as `... codex 1 m 12 s, running: npm test`; `null` when the job has ended.
 * `began`
 * and `now` are in epoch ms.
 */
export function progressText(job: JobResult, { began, now }: { began: number; now: number }): string | null {
  const agent = plainText(job.agent);
  const elapsed = durationText(Math.max(0, Math.floor((now - began) / 1_000)));
  switch (job.status) {
    case "pending":
      return `... ${agent} waits${job.waiting_for === undefined ? "" : ` for ${oneLine(job.waiting_for)}`}`;
    case "running":
      return `... ${agent} ${elapsed}, ${oneLine(job.activity ?? "starting")}`;
    default:
      return null;
  }
}

function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, " ").trim();
}
