/**
 * Room `scheduler`: decides when jobs run. It wakes on the store's feed (`kv.watch`), on exit records and at known
 * times. After a crash it recovers from the store and the job directories.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";
import { isJobIn, type Job } from "../domain/job/job.ts";
import type { LiveView } from "../domain/job/shown_job.ts";
import { transition } from "../domain/job/transition.ts";
import type { TurnOutcome, Verdict } from "../domain/turn/turn.ts";
import { watchExits } from "../kernel/end/exit_watch.ts";
import type { Bell } from "../system/bell.ts";
import { pause } from "../system/pause.ts";
import { ActiveJobs } from "./active_jobs.ts";
import { AtOnce } from "./queue/at_once.ts";
import { cancelAndWait, type Cancelled } from "./cancellation.ts";
import { JobLocks } from "./job_locks.ts";
import { adoptKept } from "./kept_launch.ts";
import { clearLeftovers } from "./upkeep/leftovers.ts";
import { Listeners } from "./listeners.ts";
import { liveView } from "./views/live_view.ts";
import { persist, PERSIST_MS } from "./persist.ts";
import { budgetExceeded, dependencyFailed } from "./queue/verdicts.ts";
import { Queue } from "./queue/queue.ts";
import { Rounds } from "./rounds.ts";
import { type Spending, spendingOf } from "./money/of_scheduler.ts";
import { Supervisor, type SupervisorOptions } from "./supervisor.ts";
import { Talks } from "./talk/talks.ts";
import { Visits } from "./visits.ts";
import { waitingJobs } from "./talk/waiting_jobs.ts";
import type { TurnCallbacks } from "./turn/watch_options.ts";
import { commitTurnEnd } from "./turn/end.ts";
import { within } from "../system/deadline.ts";

export type SchedulerOptions = Omit<SupervisorOptions, keyof TurnCallbacks | "begin">;

/** Ms for which the start of the daemon waits for running jobs to be adopted. Adoption then goes on behind it. */
const ADOPT_MS = 2_000;

export class Scheduler implements AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly spending: Spending;
  readonly visits: Visits;
  /** What can be said to the agents of running jobs. */
  readonly talks: Talks;
  /** To be held while choosing the number of a job's new turn. */
  readonly locks: JobLocks = new JobLocks();
  readonly #jobs: ActiveJobs;
  /** Accepts new jobs, and launches those that nothing holds back. */
  readonly atOnce: AtOnce;
  /** Who waits for what. */
  readonly queue: Queue;
  readonly #updates = new Listeners((id) => this.supervisor.attend(id));
  readonly #progress = new Listeners((id) => this.supervisor.attend(id));
  #closed = new AbortController();
  readonly #rounds: Rounds;
  #loops: Promise<void>[] = [];
  /** Pids of processes that could not be ended, by the job whose last turn left them under this daemon. */
  readonly #survivors = new Map<JobId, readonly number[]>();

  constructor(readonly options: SchedulerOptions) {
    this.#jobs = new ActiveJobs(options);
    this.queue = new Queue(this.#jobs);
    this.#rounds = new Rounds(() => this.#reconcile(), { log: options.log, signal: this.#closed.signal });
    this.spending = spendingOf(this);
    this.visits = new Visits(options);
    this.supervisor = new Supervisor({
      ...options,
      spending: this.spending,
      conclude: (job, outcome) => this.#conclude(job, outcome),
      onEvents: (id) => this.#progress.notify(id),
      onWaiting: () => void this.reconcile(),
      onQuestions: (job) => (this.keep(job), this.#updates.notify(job.id)),
      begin: (job) => this.#watch(job, PERSIST_MS),
    });
    const { queue, spending, supervisor: { preparations } } = this;
    const watch = (job: Job) => (queue.admit(() => this.keep(job)), this.#watch(job));
    const reconcile = () => void this.reconcile();
    this.atOnce = new AtOnce({ ...options, queue, spending, preparations, watch, reconcile });
    this.talks = new Talks({ ...options, supervisor: this.supervisor });
  }

  /** The jobs that are pending or running. */
  get active(): Pick<ActiveJobs, "get" | "size" | "running"> {
    return this.#jobs;
  }

  /** Adopts the jobs that an earlier daemon left running, for {@link ADOPT_MS} at most, and begins to schedule. */
  async start(): Promise<void> {
    await clearLeftovers(this.options);
    await this.#jobs.load();
    const adopted = this.#jobs.running().map((job) => this.#keepWatched(job, "adopt"));
    await within(ADOPT_MS, Promise.all(adopted));
    this.#loops = [this.#watchFeed(), this.#watchExits()];
    await this.reconcile();
  }

  /** Runs a round: reads what has changed and starts what may start. Calls before the round begins share it. */
  reconcile(): Promise<void> {
    return this.#rounds.next();
  }

  /** What is known of a job from memory alone, such as what it waits for and what its agent is doing. */
  readonly live = (job: Job): LiveView => liveView(job, this);

  /** Rings the bell whenever one of the jobs has a new state (`ANY_JOB`: any), until disposed of. */
  listen(ids: readonly string[], bell: Bell): Disposable {
    return this.#updates.listen(ids, bell);
  }

  /** As {@link listen}, for new events or a new state of one job. */
  follow(id: JobId, bell: Bell): Disposable {
    return this.#progress.listen([id], bell);
  }

  /**
   * Cancels a pending or running job and leaves a finished one as it is. Resolves when none of its processes run any
   * more; those that could not be ended are in `survivors`.
   */
  async cancel(id: JobId): Promise<Cancelled> {
    const job = await cancelAndWait(id, this);
    return { job, survivors: this.#survivors.get(job.id) ?? [] };
  }

  /** Whether the daemon leaves. */
  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#updates.close();
    this.#progress.close();
    await this.#rounds.close();
    await this.supervisor.close();
    await Promise.allSettled(this.#loops);
    this.#jobs.flush();
  }

  /** Remembers a committed record without notifying anybody, such as one with a reply that waits. */
  readonly keep = (job: Job): void => this.#jobs.remember(job);

  /** Retries `attempt` in the background until it succeeds or the daemon leaves. `what` is for the log. */
  keepTrying(what: string, attempt: () => Promise<void>, job: JobId): void {
    void this.#persist(what, attempt, { job });
  }

  #watchFeed(): Promise<void> {
    return this.#persist("watch the feed", async () => {
      for await (const _head of this.options.store.watchFeed(this.#closed.signal)) await this.reconcile();
    });
  }

  #watchExits(): Promise<void> {
    return this.#persist("watch for exits", async () => {
      for await (const { jobId, turn } of watchExits(this.options.directories, this.#closed.signal)) {
        this.supervisor.exited(jobId, turn);
      }
    });
  }

  #persist(what: string, attempt: (nth: number) => Promise<void>, fields = {}): Promise<void> {
    return persist(attempt, { what, fields, signal: this.#closed.signal, log: this.options.log });
  }

  async #reconcile(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    await this.#jobs.takeIn((id) => (this.#updates.notify(id), this.#progress.notify(id)));
    const [pending, { version }, now] = [this.#jobs.pending(), this.#jobs, this.options.clock.now()];
    const [visitors, hold] = [this.visits.of(pending), await this.spending.hold()];
    const dependencies = await this.#jobs.dependenciesOf(pending);
    // No await from here to the launches: a job may be accepted at once meanwhile, and takes a slot and its tree.
    const [limits, running] = [this.options.limits(), this.atOnce.running()];
    const asking = waitingJobs(running, { most: limits.asking, watched: this.supervisor });
    const snapshot = { pending, running, asking, visitors, dependencies, hold, now };
    const picked = this.queue.pick(snapshot, limits, version);
    this.#rounds.wakeIn(picked.wakeAt === null ? null : picked.wakeAt - now);
    // At once, so that they share the store's commits.
    const drops = picked.fail.map(({ id, dependency: failed }) =>
      this.#tryTo("end", id, () => this.#drop(id, dependencyFailed(failed)))
    );
    const launches = picked.start.map((id) => this.#tryTo("launch", id, () => this.#launch(id)));
    await Promise.all([...drops, ...launches]);
  }

  /** Logs a failure and asks for another round, so that one job's failure does not hold up the other jobs. */
  async #tryTo(what: string, id: JobId, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.options.log.error(`cannot ${what} a job now; trying again`, { job: id, error: String(error) });
      this.#rounds.wakeIn(PERSIST_MS);
    }
  }

  async #launch(id: JobId): Promise<void> {
    const known = this.#jobs.get(id);
    const used = await this.spending.usedUp(known);
    if (used !== null) return await this.#drop(id, budgetExceeded(used));
    const at = this.options.clock.now();
    const begin = (job: Job) => isJobIn(job, "pending") ? transition(job, { type: "launch", at }) : job;
    const commit = this.options.store.update(id, begin);
    if (known !== null) this.supervisor.preparations.begin(begin(known));
    commit.catch(() => this.keepTrying("see whether a launch was kept", () => adoptKept(id, this), id));
    const { job, changed } = await commit;
    if (!changed) return this.supervisor.preparations.forget(id);
    this.#jobs.remember(job);
    this.#watch(job);
  }

  /** Launches a job and keeps it watched, after what is due already, such as the answer to its caller. */
  #watch(job: Job, afterMs: number | null = null): void {
    const begin = () => void this.#keepWatched(job, "launch");
    if (afterMs === null) setImmediate(begin);
    else void pause(afterMs, this.#closed.signal).then(begin);
  }

  /** `first` is the first attempt to watch a running job; later ones adopt it, until one succeeds. */
  #keepWatched(job: Job, first: "launch" | "adopt"): Promise<void> {
    const attempt = (nth: number) => this.supervisor[nth === 1 ? first : "adopt"](job);
    return this.#persist("watch a job", attempt, { job: job.id });
  }

  async #drop(id: JobId, verdict: Verdict): Promise<void> {
    const drop = { type: "drop", verdict, at: this.options.clock.now() } as const;
    await this.options.store.update(id, (job) => isJobIn(job, "pending") ? transition(job, drop) : job);
  }

  async #conclude(job: Job, outcome: TurnOutcome): Promise<void> {
    this.#survivors.delete(job.id);
    if (outcome.survivors !== undefined) this.#survivors.set(job.id, outcome.survivors);
    await this.spending.note(job, outcome);
    const onCommitted = (left: Job | null) => this.#tellEnd(job, left);
    await this.locks.exclusively(job.id, () => commitTurnEnd(job, outcome, { ...this.options, onCommitted }));
    await pause(0);
    await this.reconcile();
  }

  /** Before the next round: a busy disk can make a round long, and waiting callers need not wait for it. */
  async #tellEnd(job: Job, left: Job | null): Promise<void> {
    const now = await this.options.store.get(job.id);
    if (now !== null) this.#jobs.remember(now);
    const next = left ?? now; // Without `left` an earlier attempt has committed it: a second launch changes nothing.
    if (next !== null && isJobIn(next, "running") && next.turn !== job.turn) {
      void this.#keepWatched(next, "launch");
    }
    this.#updates.notify(job.id);
  }
}
