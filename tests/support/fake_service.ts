/**
 * A `JobService` for tests of the wire and the daemon: no agents, no store. Jobs are lines in one file of the state
 * directory, so that a second daemon finds the first one's; a job ends when it is cancelled. Prompts choose what
 * happens: `slow` takes 300 ms to start, `crash` ends the whole process after the job was written, the first time.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import { isFinished } from "../../src/domain/job/reason.ts";
import type { Brief, JobResult } from "../../src/domain/job/result.ts";
import type { CallOptions } from "../../src/service/call.ts";
import {
  type CheckedRequest,
  checkedRequest,
  type CheckedService,
  type ServiceDoor,
  serviceOf,
} from "../../src/service/job_service.ts";
import type { ServiceMethodName } from "../../src/service/methods.ts";
import type {
  FeedPage,
  JobAround,
  ListResult,
  TranscriptPage,
  WaitResult,
} from "../../src/service/read_requests.ts";
import type { CancelReceipt, Receipt } from "../../src/service/requests.ts";

const BEGINNING = "2026-01-01T00:00:00.000Z";

interface FakeJob {
  id: string;
  key: string | null;
  prompt: string;
  cwd: string;
  status: "running" | "cancelled";
}

export class FakeService implements Partial<CheckedService> {
  readonly #path: string;
  readonly #jobs: FakeJob[] = [];
  /** Ids of ended jobs, in order: the feed; a cursor is a length of it. */
  readonly #feed: string[] = [];
  readonly #changes = new EventTarget();
  /** Calls of `wait` that are open. */
  openWaits = 0;
  /** What a daemon serves: every method of the table; those that are not here are refused. */
  readonly door: ServiceDoor = serviceOf((name) => (request, options) =>
    answer(this, { name, request, options })
  );

  constructor(home: string) {
    this.#path = join(home, "fake.jsonl");
    for (const line of readLines(this.#path)) this.#apply(JSON.parse(line));
  }

  get activeJobs(): number {
    return this.#jobs.filter((job) => job.status === "running").length;
  }

  async start(request: CheckedRequest<"start">): Promise<Receipt> {
    if (request.prompt === "slow") await delay(300);
    const known = this.#jobs.find((job) => job.key !== null && job.key === request.request_key);
    if (known !== undefined) return receipt(known, "known already");
    const id = String(this.#jobs.length + 1).padStart(8, "0");
    const { prompt, cwd } = request;
    const job: FakeJob = { id, key: request.request_key ?? null, prompt, cwd, status: "running" };
    this.#write(job);
    if (prompt === "crash") Deno.exit(70);
    return receipt(job, `started with ${prompt.length} characters`);
  }

  // deno-lint-ignore require-await -- a thrown error must become a rejection, as in the real ones
  async poll(request: CheckedRequest<"poll">): Promise<JobResult> {
    return result(this.#get(request.job_id));
  }

  async wait(request: CheckedRequest<"wait">, { signal }: CallOptions): Promise<WaitResult> {
    const deadline = performance.now() + request.timeout_seconds * 1000;
    const cursor = request.cursor ?? this.#feed.length;
    this.openWaits += 1;
    try {
      for (;;) {
        const ended = request.job_ids === undefined
          ? this.#feed.slice(cursor, cursor + 1)
          : request.job_ids.filter((id) => this.#get(id).status !== "running");
        const timedOut = performance.now() >= deadline;
        if (ended.length > 0 || timedOut) {
          const next = request.job_ids === undefined ? cursor + ended.length : this.#feed.length;
          const jobs = ended.map((id) => result(this.#get(id)));
          return { timed_out: ended.length === 0, jobs, unfinished: [], cursor: next };
        }
        await this.#change(deadline - performance.now(), signal);
      }
    } finally {
      this.openWaits -= 1;
    }
  }

  /** As many characters as the job's prompt says, for answers of any size. */
  transcript(request: CheckedRequest<"transcript">): Promise<TranscriptPage> {
    const { prompt, status } = this.#get(request.job_id);
    const text = "x".repeat(Number(prompt) || 0);
    return Promise.resolve({ text, offset: text.length, status, more: false });
  }

  /** No caller is a job. */
  jobAround(): Promise<JobAround> {
    return Promise.resolve({ job_id: null });
  }

  cancel(request: CheckedRequest<"cancel">): Promise<CancelReceipt> {
    const job = this.#get(request.job_id);
    if (job.status === "running") this.#write({ ...job, status: "cancelled" });
    return Promise.resolve({ job_id: job.id, status: "cancelled", message: "cancelled" });
  }

  list(request: CheckedRequest<"list">): Promise<ListResult> {
    const matching = this.#jobs.filter((job) =>
      request.status === undefined || job.status === request.status
    );
    return Promise.resolve({
      jobs: matching.reverse().slice(0, request.limit).map(brief),
      total: matching.length,
    });
  }

  feed(request: CheckedRequest<"feed">): Promise<FeedPage> {
    const cursor = request.cursor ?? this.#feed.length;
    const notifications = this.#feed.slice(cursor).map((job_id, index) => ({
      cursor: cursor + index + 1,
      job_id,
      turn: 1,
      status: "cancelled" as const,
      time: BEGINNING,
    }));
    return Promise.resolve({ notifications, cursor: this.#feed.length });
  }

  #get(id: string): FakeJob {
    const job = this.#jobs.find((candidate) => candidate.id === id);
    if (job !== undefined) return job;
    throw new AgentAsyncError("not_found", `There is no job ${id}.`, { hint: "job_list shows them." });
  }

  #write(job: FakeJob): void {
    Deno.writeTextFileSync(this.#path, `${JSON.stringify(job)}\n`, { append: true });
    this.#apply(job);
    this.#changes.dispatchEvent(new Event("change"));
  }

  #apply(job: FakeJob): void {
    const index = this.#jobs.findIndex((known) => known.id === job.id);
    if (index < 0) this.#jobs.push(job);
    else this.#jobs[index] = job;
    if (isFinished(job.status)) this.#feed.push(job.id);
  }

  #change(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#changes.removeEventListener("change", settle);
        signal?.removeEventListener("abort", settle);
        if (signal?.aborted === true) reject(new AgentAsyncError("cancelled", "The wait was given up."));
        else resolve();
      };
      const timer = setTimeout(settle, ms);
      this.#changes.addEventListener("change", settle);
      signal?.addEventListener("abort", settle);
      if (signal?.aborted === true) settle();
    });
  }
}

async function answer<Name extends ServiceMethodName>(
  service: Partial<CheckedService>,
  { name, request, options = {} }: { name: Name; request: unknown; options: CallOptions | undefined },
) {
  const method = service[name];
  if (method === undefined) throw new Error(`The fake service has no ${name}`);
  return await method.call(service, checkedRequest(name, request), options);
}

function readLines(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function receipt(job: FakeJob, message: string): Receipt {
  return { job_id: job.id, agent: "fake", status: job.status, turn: 1, cursor: 0, message };
}

function brief(job: FakeJob): Brief {
  return {
    job_id: job.id,
    agent: "fake",
    status: job.status,
    prompt: job.prompt.slice(0, 80),
    cwd: job.cwd,
    created_at: BEGINNING,
    started_at: BEGINNING,
    finished_at: null,
  };
}

function result(job: FakeJob): JobResult {
  return {
    ...brief(job),
    exit_code: null,
    result: null,
    output: "",
    files_changed: [],
    commands_run: 0,
    usage: { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0, total_tokens: 0 },
    possibly_truncated: false,
    session_id: null,
    turn: 1,
    approval_policy: "auto-edit",
    duration_seconds: null,
    cursor: 0,
  };
}
