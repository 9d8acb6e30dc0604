/**
 * A JobService of canned answers, for doors: it records what it was asked and can be told to wait or to fail.
 *
 * @module
 */
import { AgentAsyncError } from "../../src/domain/errors.ts";
import { statistics } from "../../src/domain/statistics.ts";
import { NO_USAGE } from "../../src/domain/turn/usage.ts";
import type { Brief, JobResult } from "../../src/domain/job/result.ts";
import type { CallOptions } from "../../src/service/call.ts";
import { type JobService, serviceOf } from "../../src/service/job_service.ts";
import type { EventsPage, FeedPage, WaitResult } from "../../src/service/read_requests.ts";
import type { Receipt } from "../../src/service/requests.ts";

type Method = keyof JobService;
type Answers = { [M in Method]?: (...args: Parameters<JobService[M]>) => Awaited<ReturnType<JobService[M]>> };
type Overrides = { [M in Method]?: (...args: Parameters<JobService[M]>) => ReturnType<JobService[M]> };
type Scripts = { [M in Method]?: (request: never, options: CallOptions | undefined) => unknown };

export const JOB_ID = "abc12345";

export function aResult(change: Partial<JobResult> = {}): JobResult {
  return {
    job_id: JOB_ID,
    agent: "codex",
    status: "done",
    reason: "completed",
    exit_code: 0,
    result: "All tests pass now.",
    output: "$ npm test\n\nAll tests pass now.\n",
    files_changed: ["src/a.ts"],
    commands_run: 1,
    usage: { ...NO_USAGE, input_tokens: 10, output_tokens: 5, total_tokens: 15 },
    possibly_truncated: false,
    session_id: "s-1",
    turn: 1,
    cwd: "/work/project",
    approval_policy: "auto-edit",
    prompt: "Make the tests pass",
    created_at: "2026-01-01T00:00:00.000Z",
    started_at: "2026-01-01T00:00:01.000Z",
    finished_at: "2026-01-01T00:00:43.000Z",
    duration_seconds: 42,
    cursor: 7,
    ...change,
  };
}

export function aBrief(change: Partial<Brief> = {}): Brief {
  return {
    job_id: JOB_ID,
    agent: "codex",
    status: "running",
    prompt: "Make the tests pass",
    cwd: "/work/project",
    created_at: "2026-01-01T00:00:00.000Z",
    started_at: "2026-01-01T00:00:01.000Z",
    finished_at: null,
    activity: "running: npm test",
    ...change,
  };
}

export function aReceipt(change: Partial<Receipt> = {}): Receipt {
  return {
    job_id: JOB_ID,
    agent: "codex",
    status: "running",
    turn: 1,
    cursor: 0,
    message: "The job is running.",
    ...change,
  };
}

/** Every method of the table, made by the constructor. */
export interface ScriptedService extends JobService {}

export class ScriptedService {
  /** What was asked, in order. */
  readonly calls: { method: Method; request: unknown }[] = [];

  constructor(overrides: Overrides = {}) {
    const scripts: Scripts = { ...ANSWERS, ...overrides };
    Object.assign(
      this,
      serviceOf<never>((method) => async (request, options) => {
        this.calls.push({ method, request });
        const answer = scripts[method];
        if (answer === undefined) throw new Error(`The scripted service has no answer to ${method}`);
        return await answer(request, options);
      }),
    );
  }

  /** The requests of one method. */
  asked(method: Method): unknown[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.request);
  }
}

const ANSWERS: Answers = {
  start: (request) => aReceipt({ agent: request.agent }),
  reply: () => aReceipt({ turn: 2, cursor: 7 }),
  retry: () => aReceipt(),
  poll: (request) => aResult({ job_id: request.job_id }),
  wait: () => ({ timed_out: false, jobs: [aResult()], unfinished: [], cursor: 3 }) satisfies WaitResult,
  events: () => ({ events: [], cursor: 0, status: "running", more: false }) satisfies EventsPage,
  transcript: () => ({ text: "", offset: 0, status: "done", more: false }),
  cancel: (request) => ({
    job_id: request.job_id,
    status: "cancelled",
    message: `Job ${request.job_id} is cancelled. Nothing of it is left running.`,
  }),
  enter: ({ job_id }) => ({ job_id, path: "/work" }),
  diff: ({ job_id }) => ({
    job_id,
    files: [{ path: "a.txt", kind: "update", added: 1, removed: 1 }],
    patch: "",
    root: "/work",
    base: null,
    applied: true,
    conflicts_with: [],
    notes: [],
  }),
  apply: ({ job_id, action = "apply" }) => ({ job_id, action, files: [], conflicts: [], message: "Done." }),
  answer: ({ job_id, question_id = "1-a" }) => ({ job_id, question_id, answered: true, status: "running" }),
  questions: () => ({ asking: [] }),
  list: () => ({ jobs: [aBrief()], total: 1 }),
  queue: () => ({
    busy: false,
    running: [aBrief()],
    pending: [],
    pending_count: 0,
    limits: { total: 4, depth: 3 },
    agents: [{ name: "codex", available: true, version: "0.169.0" }],
  }),
  feed: () => ({ notifications: [], cursor: 1 }) satisfies FeedPage,
  prune: () => ({ jobs: [], bytes: 0, not_applied: [], dry_run: false }),
  stats: ({ by = "agent", days = 30, time_zone = "UTC" }) =>
    statistics([], { by, days, timeZone: time_zone, now: Date.parse("2026-01-01T00:00:00.000Z") }),
  notifyDone: (request) => aResult({ job_id: request.job_id }),
};

/** For overrides: never answers by itself, and rejects as services do when the call is given up. */
export function untilGivenUp(options: CallOptions | undefined): Promise<never> {
  const signal = options?.signal;
  return new Promise((_resolve, reject) => {
    const give = () => reject(new AgentAsyncError("cancelled", "The call was given up"));
    if (signal?.aborted) give();
    else signal?.addEventListener("abort", give, { once: true });
  });
}
