/**
 * Test support: the real service over a real store, with jobs that run as far as the record says, and agents of which
 * only the talk is there: a test asks in their place, and sees what is said to them.
 *
 * @module
 */
import { AgentCatalog } from "../../src/agents/detection/catalog.ts";
import type { Job } from "../../src/domain/job/job.ts";
import { openQuestions } from "../../src/domain/job/job.ts";
import { transition } from "../../src/domain/job/transition.ts";
import type { Answer, AskedQuestion, OpenQuestion } from "../../src/domain/question/question.ts";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import type { GivenAnswer, GivenSteer, LiveTurn, Settled } from "../../src/scheduler/talk/live_turn.ts";
import { Scheduler } from "../../src/scheduler/scheduler.ts";
import { Talks } from "../../src/scheduler/talk/talks.ts";
import { writeTurn } from "../../src/scheduler/turn/files.ts";
import { Retention } from "../../src/scheduler/upkeep/retention.ts";
import { type JobService, serviceDoor } from "../../src/service/job_service.ts";
import { LocalService } from "../../src/service/local/service.ts";
import type { Caller } from "../../src/service/call.ts";
import type { NewJob } from "../../src/store/job_store.ts";
import type { JobStore } from "../../src/store/job_store.ts";
import { AgentProbe } from "../../src/system/agent_probe.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemIds } from "../../src/system/ids.ts";
import { silentLog } from "../../src/system/log.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { end, launch } from "../store/job_steps.ts";
import { memoryStore } from "../store/test_store.ts";
import { jobId, newJob } from "./new_job.ts";
import { makeStateHome, type StateHome } from "./state_home.ts";
import { turnRequest } from "./turn_request.ts";

/** One command to be allowed or not. */
export const MAY_IT_RUN: AskedQuestion = {
  question_id: "1-a",
  kind: "approval",
  title: "Run rm -rf build",
  detail: "rm -rf build\nin /tmp/project",
  options: [
    { id: "accept", label: "Yes, once", kind: "allow" },
    { id: "decline", label: "No", kind: "reject" },
  ],
};

/** What was said to an agent. */
export type Said = { job: string; answer: Answer; by: string } | { job: string; steer: string; by: string };

export class AskingService implements AsyncDisposable {
  readonly service: JobService;
  readonly said: Said[] = [];
  /** What becomes of steers; `null`: the agents can only be interrupted. */
  steers: "injected" | "queued" | null = "injected";
  /** Who may answer, as the configuration would say. */
  answeredBy: "anyone" | "person" = "anyone";
  readonly #turns = new Map<string, FakeTurn>();
  #jobs = 0;

  private constructor(
    readonly state: StateHome,
    readonly store: JobStore,
    readonly scheduler: Scheduler,
    private readonly directories: JobDirectories,
  ) {
    const talks = new Talks({
      store,
      directories,
      clock: systemClock,
      supervisor: {
        run: (id) => {
          const live = this.#turns.get(id);
          // Of a run, nothing but these two is looked at.
          return live === undefined ? null : { job: { turn: 1 }, live } as never;
        },
        knownBytes: () => 0,
        end: () => Promise.resolve(),
      },
    });
    Object.defineProperty(scheduler, "talks", { value: talks });
    const retention = new Retention({
      store,
      directories,
      clock: systemClock,
      log: silentLog,
      signal: new AbortController().signal,
    });
    this.service = serviceDoor(
      new LocalService({
        store,
        scheduler,
        directories,
        clock: systemClock,
        retention,
        settings: () => ({
          defaultPolicy: "auto-edit",
          maxPolicy: "full-auto",
          allowedRoots: [],
          maxRuntimeSeconds: 60,
          total: 100,
          depth: 3,
          projects: {},
          isolation: "none",
        }),
        limits: () => ({ total: 100, depth: 3 }),
        answeredBy: () => this.answeredBy,
        guardedPlaces: () => [],
      }),
    );
  }

  static async open(): Promise<AskingService> {
    const state = makeStateHome();
    const directories = new JobDirectories(state.home);
    directories.prepare();
    const store = await memoryStore();
    const probe = new AgentProbe();
    const { codexDriver } = await import("../../src/agents/codex/driver.ts");
    const scheduler = new Scheduler({
      store,
      directories,
      catalog: new AgentCatalog({ drivers: () => [codexDriver], probe, settings: () => ({}) }),
      processes: systemProcesses(),
      clock: systemClock,
      log: silentLog,
      ids: systemIds,
      isRoot: false,
      limits: () => ({
        total: 100,
        depth: 3,
        asking: 8,
        questionSeconds: 3_600,
        outputBytes: 1_000_000,
        stallSeconds: null,
        exitGraceSeconds: 1,
        dayUsd: null,
        retentionDays: 1,
        retentionBytes: 1,
      }),
    });
    return new AskingService(state, store, scheduler, directories);
  }

  get origin() {
    return { env: this.state.env, session: "test" };
  }

  /** A job whose agent is at work. */
  async running(over: Partial<NewJob> = {}): Promise<string> {
    const id = jobId(++this.#jobs);
    const { cwd } = this.state;
    await this.store.create(
      newJob({ id, cwd, tree: { kind: "plain", root: cwd }, session_id: "s-1", ...over }),
    );
    const { approval_policy } = await this.#change(id, launch);
    const directory = this.directories.job(id);
    directory.create();
    await writeTurn(directory, {
      request: turnRequest({ job_id: id, approval_policy }),
      prompt: "x",
      env: {},
    });
    this.#turns.set(id, new FakeTurn(id, this));
    return id;
  }

  async ask(id: string, question: AskedQuestion = MAY_IT_RUN): Promise<void> {
    this.#turns.get(id)?.asked.set(question.question_id, question);
    await this.#change(id, (job) => {
      const { question_id, kind, title } = question;
      const questions = [...openQuestions(job), { question_id, kind, title, asked_at: Date.now() }];
      return transition(job, { type: "ask", questions, at: Date.now() });
    });
  }

  async settle(id: string, question: string): Promise<void> {
    this.#turns.get(id)?.gone.add(question);
    await this.#change(id, (job) => {
      const questions = openQuestions(job).filter(({ question_id }) => question_id !== question);
      return transition(job, { type: "ask", questions, at: Date.now() });
    });
  }

  async end(id: string): Promise<void> {
    await this.#change(id, end);
  }

  /** A caller whose environment names the job that it runs in. */
  inside(id: string): { caller: Caller } {
    return { caller: { pid: null, claimedJob: id } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scheduler[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
    await this.state[Symbol.asyncDispose]();
  }

  async #change(id: string, change: (job: Job) => Job): Promise<Job> {
    const { job } = await this.store.update(id, change);
    await this.scheduler.reconcile();
    return job;
  }
}

class FakeTurn implements LiveTurn {
  readonly asked = new Map<string, AskedQuestion>();
  /** Ids of questions that are open no longer. */
  readonly gone = new Set<string>();
  readonly ready = Promise.resolve();
  readonly prompt = { settled: Promise.resolve() };
  readonly #settled = new Map<string, Settled>();

  private readonly at = Date.now();

  constructor(private readonly id: string, private readonly of: AskingService) {}

  get open(): OpenQuestion[] {
    return [...this.asked.values()].filter(({ question_id }) => !this.gone.has(question_id)).map((
      { question_id, kind, title },
    ) => ({ question_id, kind, title, asked_at: this.at }));
  }

  question(id: string): AskedQuestion | null {
    return this.asked.get(id) ?? null;
  }

  settled(id: string): Settled | null {
    return this.#settled.get(id) ?? null;
  }

  async answer(id: string, { answer, by, key }: GivenAnswer): Promise<void> {
    const asked = this.asked.get(id);
    if (asked === undefined) throw new Error(`Nobody asked ${id}`);
    const question = { ...asked, asked_at: new Date().toISOString() };
    this.#settled.set(id, { question, end: "answered", by, key, ...answer });
    this.of.said.push({ job: this.id, answer, by });
    await this.of.settle(this.id, id);
  }

  delivered(): Promise<"injected" | "queued"> {
    return Promise.resolve(this.of.steers ?? "queued");
  }

  steer({ text, by }: GivenSteer): ReturnType<LiveTurn["steer"]> {
    if (this.of.steers !== null) this.of.said.push({ job: this.id, steer: text, by });
    return Promise.resolve(this.of.steers);
  }
}
