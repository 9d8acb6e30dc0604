/**
 * Chaos: counts what was promised against what is found afterwards. Every start has a request key; its agent notes in
 * a file of its own that it ran. So a job that is lost, run twice or told wrongly cannot hide.
 *
 * @module
 */
import { join } from "node:path";
import type { RemoteService } from "../../src/service/remote/service.ts";
import type { StartRequest } from "../../src/service/requests.ts";
import type { Trial } from "./fault.ts";
import { checkEnds, checkFiles, checkJob, checkLog, checkStore } from "./ledger_checks.ts";
import { awaitEnds, endName, type Heard, insist, type Read, readEvents, readFeed } from "./observers.ts";
import { endlessScript, type Expected, randomScript, type Script } from "./script.ts";
import type { Site } from "./site.ts";

/** Ms that all jobs of a trial may take to end once the attack is over; theirs is a matter of seconds. */
const SETTLE_MS = 60_000;

export interface Order {
  /** Request key of the start, and the token that its messages carry. */
  token: string;
  script: Script;
  reply: Script | null;
  isEndless: boolean;
  /** How often its check has to run; absent for a job without one. */
  checkRuns?: number;
  request: Omit<StartRequest, "prompt" | "origin">;
  /** What an answer to the start has named. */
  acknowledged: string | null;
}

export interface FollowOptions {
  from?: number;
  limit?: number;
}

export interface SettleOptions {
  /** Errors that the attack explains. Any other in the log is a finding. */
  mayLog?: RegExp;
  /** The store is built anew: whoever waits for all ends may then be told of one again, rather than never. */
  mayRepeatEnds?: boolean;
}

export class Ledger {
  readonly orders: Order[] = [];
  readonly reads: Read[] = [];
  /** Jobs of others, which only have to be there. */
  readonly others = new Set<string>();
  /** One for each who hears of all ends. */
  readonly heard: Heard[] = [];
  readonly #stop = new AbortController();
  readonly #background: Promise<void>[] = [];

  constructor(readonly trial: Trial, readonly site: Site) {}

  /** Counts a job in that somebody else has started and looks after. */
  adopt(jobId: string): void {
    this.others.add(jobId);
  }

  /** Where the agents of one token note that they ran. */
  ledgerFile(token: string): string {
    return join(this.site.workspace("ledger"), token);
  }

  /** How often an agent or a check has noted under this token that it ran. */
  executions(token: string): number {
    try {
      return Deno.readTextFileSync(this.ledgerFile(token)).trim().split("\n").length;
    } catch {
      return 0;
    }
  }

  /** Draws a job. It is not started yet. */
  draw(options: { endless?: boolean; reply?: boolean } = {}): Order {
    const { random } = this.trial;
    const token = `t${this.trial.seed}-${this.orders.length + 1}`;
    const ledger = this.ledgerFile(token);
    const isEndless = options.endless ?? random.below(8) === 0;
    const script = isEndless ? endlessScript({ token, ledger }) : randomScript(random, { token, ledger });
    const hasReply = options.reply ?? (!isEndless && random.below(4) === 0);
    return this.add({
      token,
      script,
      isEndless,
      reply: hasReply
        ? randomScript(random, { token: `${token}r`, ledger: this.ledgerFile(`${token}r`) })
        : null,
      // Some share a directory, where only one may write at a time.
      cwd: this.site.workspace(random.below(4) === 0 ? "shared" : `work-${token}`),
      priority: random.below(3) - 1,
    });
  }

  /** Adds a job of the caller's own making. */
  add(
    options: Omit<Order, "request" | "acknowledged"> & { cwd: string; priority?: number; agent?: string },
  ): Order {
    const { cwd, priority = 0, agent = "codex", ...rest } = options;
    const order: Order = {
      ...rest,
      request: { agent, cwd, priority, request_key: rest.token },
      acknowledged: null,
    };
    this.orders.push(order);
    this.trial.findings.jobs += 1;
    return order;
  }

  /** Starts it, again and again if need be, as a host would; then its reply. A second answer has to name the same job. */
  async start(client: RemoteService, order: Order): Promise<string> {
    const origin = { env: this.site.state.env, session: "chaos" };
    const { signal } = this.#stop;
    const { job_id } = await insist(
      () => client.start({ ...order.request, prompt: order.script.prompt, origin }, { signal }),
      signal,
    );
    if (order.acknowledged !== null && order.acknowledged !== job_id) {
      this.trial.find("doubled", `${order.token} was ${order.acknowledged} and is ${job_id}`);
    }
    order.acknowledged = job_id;
    const { reply } = order;
    if (reply !== null) {
      const request = { job_id, prompt: reply.prompt, request_key: `${order.token}r`, origin };
      await insist(() => client.reply(request, { signal }), signal);
    }
    return job_id;
  }

  /** Lets a reader follow a job's events, from a cursor on and so many at a time, until they end. */
  follow(client: RemoteService, jobId: string, { from = 0, limit = 7 }: FollowOptions = {}): void {
    const read: Read = { jobId, from, seqs: [], texts: [], isWhole: false };
    this.reads.push(read);
    this.#inBackground(readEvents(client, read, { limit, signal: this.#stop.signal }));
  }

  /** Lets somebody read the feed of the whole daemon, and somebody wait for whatever ends next. */
  listen(client: RemoteService): void {
    for (const listen of [readFeed, awaitEnds]) {
      const heard: Heard = { cursors: [], ends: [] };
      this.heard.push(heard);
      this.#inBackground(listen(client, heard, this.#stop.signal));
    }
  }

  /** Lets somebody wait for a job, and fails when the answer is about something else. */
  wait(client: RemoteService, jobId: string): void {
    const { signal } = this.#stop;
    const answered = insist(
      () => client.wait({ job_ids: [jobId], timeout_seconds: 90 }, { signal }),
      signal,
    );
    this.#inBackground(answered.then(({ jobs }) => {
      if (jobs[0]?.job_id !== jobId) this.trial.find("wrong", `a wait for ${jobId} was answered without it`);
    }));
  }

  async cancel(client: RemoteService, jobId: string): Promise<void> {
    const { signal } = this.#stop;
    await insist(() => client.cancel({ job_id: jobId }, { signal }), signal);
    const left = this.site.jobProcesses(new Set([jobId]));
    for (const process of left) this.trial.find("left", `after the answer to cancel of ${jobId}: ${process}`);
  }

  /** Waits for everything to end, then looks at everything. The attack must be over. */
  async settle({ mayLog, mayRepeatEnds = false }: SettleOptions = {}): Promise<void> {
    const client = this.site.client();
    const late = AbortSignal.timeout(SETTLE_MS);
    try {
      for (const order of this.orders) await this.start(client, order);
      const endless = this.orders.filter((order) => order.isEndless);
      await Promise.all(endless.map((order) => this.cancel(client, String(order.acknowledged))));
      const ids = this.orders.map((order) => String(order.acknowledged));
      for (let left = ids; left.length > 0 && !late.aborted;) {
        const waited = await insist(
          () =>
            client.wait({ job_ids: left.slice(0, 200), mode: "all", timeout_seconds: 20 }, { signal: late }),
          late,
        );
        left = waited.unfinished.map((job) => job.job_id);
      }
    } catch (error) {
      if (!late.aborted) this.trial.find("wrong", `settling failed: ${error}`);
    }
    const { jobs } = await client.list({ limit: 1_000 });
    const ends = await Promise.all(jobs.map(async ({ job_id }) => endName(await client.poll({ job_id }))));
    const isHeard = () => this.heard.every((heard) => ends.every((end) => heard.ends.includes(end)));
    await this.#withDeadline(5_000, () => isHeard() && this.reads.every((read) => read.isWhole));
    this.#stop.abort();
    await Promise.allSettled(this.#background);
    for (const order of this.orders) await checkJob(this, client, order);
    await checkFiles(this);
    checkEnds(this, ends, { mayRepeatEnds });
    checkLog(this, mayLog);
    await checkStore(this, client);
  }

  /** Ends those who read and wait, without a look at anything. */
  async abandon(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#background);
  }

  #inBackground(work: Promise<void>): void {
    this.#background.push(work.catch((error) => {
      if (!this.#stop.signal.aborted) this.trial.find("wrong", `a reader or waiter failed: ${error}`);
    }));
  }

  async #withDeadline(ms: number, isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + ms;
    while (!isSo() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export type { Expected };
