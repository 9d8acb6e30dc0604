/**
 * Chaos: the books of a round of talks: what each agent is to ask and say, what was said to it, and what came of it.
 *
 * @module
 */
import { isFinished } from "../../src/domain/job/reason.ts";
import type { RemoteService } from "../../src/service/remote/service.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import type { Trial } from "./fault.ts";
import { insist } from "./observers.ts";
import { pause } from "./processes.ts";
import type { Site } from "./site.ts";

const AGENT = fromFileUrl(new URL("../fixtures/agents/asking/claude.js", import.meta.url));

/** Ms between two looks for open questions. */
const LOOK_MS = 20;

/** Ms that a moment may be waited for: the talks may be over before it comes. */
const MOMENT_MS = 2_000;

export interface TalkedJob {
  readonly token: string;
  readonly cwd: string;
  readonly origin: { env: Record<string, string>; session: string };
  /** `null` until it was accepted. */
  id: string | null;
  readonly steps: readonly string[];
  /** What its agent says of its own accord, with answers as `ID ?`, in order. */
  readonly messages: readonly string[];
  readonly questions: readonly string[];
  /** What was answered, by the question's id. */
  readonly answers: Map<string, string>;
  readonly steers: string[];
  readonly deliveries: string[];
}

export class TalkLedger {
  readonly site: Site;
  readonly jobs: TalkedJob[] = [];
  readonly #moments = { asked: 0, answered: 0 };

  constructor(readonly trial: Trial) {
    this.site = trial.site({ config: { limits: { total: 8 } } });
    const bin = this.site.workspace("bin");
    const path = `${bin}/claude`;
    const cache = this.site.workspace("deno");
    const script =
      `#!/bin/sh\nDENO_DIR='${cache}' exec '${Deno.execPath()}' run -A --no-check '${AGENT}' "$@"\n`;
    Deno.writeTextFileSync(path, script);
    Deno.chmodSync(path, 0o755);
    this.site.state.env.PATH = `${bin}:${this.site.state.env.PATH}`;
  }

  /** One more job, drawn at random. */
  draw(): void {
    const { random } = this.trial;
    const token = `t${this.jobs.length}x${random.below(1_000_000)}`;
    const steps: string[] = [];
    const messages: string[] = [];
    const questions: string[] = [];
    for (let nth = 0; nth < 3 + random.below(6); nth++) {
      const kind = random.pick(["say", "ask", "ask", "asks", "sleep", "big"] as const);
      const name = `${token}-${nth}`;
      if (kind === "say") {
        steps.push(`say ${name} “ÿ€𝄞”`);
        messages.push(`${name} “ÿ€𝄞”`);
      } else if (kind === "big") {
        const length = random.pick([10_000, 1_000_000]);
        steps.push(`big ${name} ${length}`);
        messages.push(name + "x".repeat(length));
      } else if (kind === "sleep") steps.push(`sleep ${random.below(200)}`);
      else {
        const ids = Array.from(
          { length: kind === "ask" ? 1 : 2 + random.below(2) },
          (_, n) => `${name}.${n}`,
        );
        steps.push(`${kind} ${ids.join(" ")}`);
        questions.push(...ids);
        messages.push(...ids.map((id) => `${id} ?`));
      }
    }
    steps.push(`say ${token} end`);
    messages.push(`${token} end`);
    this.jobs.push({
      token,
      cwd: this.site.workspace(`work-${token}`),
      origin: { env: this.site.state.env, session: "chaos" },
      id: null,
      steps,
      messages,
      questions,
      answers: new Map(),
      steers: [],
      deliveries: [],
    });
  }

  async start(client: RemoteService, job: TalkedJob): Promise<void> {
    const receipt = await insist(() =>
      client.start({
        agent: "claude",
        cwd: job.cwd,
        prompt: ["Talk.", ...job.steps.map((step) => `do ${step}`)].join("\n"),
        approval_policy: "ask",
        request_key: job.token,
        origin: job.origin,
      }), AbortSignal.timeout(60_000));
    job.id = receipt.job_id;
  }

  /** Answers whatever is asked until no job asks any more. */
  async answerAll(client: RemoteService, signal: AbortSignal): Promise<void> {
    for (;;) {
      const { asking } = await insist(() => client.questions({ as: "person" }, { signal }), signal);
      this.#moments.asked += asking.length;
      for (const { job_id, questions } of asking) {
        const job = this.jobs.find(({ id }) => id === job_id);
        for (const { question_id } of job === undefined ? [] : questions) {
          await pause(this.trial.random.below(40));
          await this.#answer(client, { job: job!, questionId: question_id, signal });
        }
      }
      if (asking.length === 0) {
        const jobs = await Promise.all(
          this.jobs.map(({ id }) => insist(() => client.poll({ job_id: id! }, { signal }), signal)),
        );
        if (jobs.every(({ status }) => isFinished(status))) return;
        await pause(LOOK_MS);
      }
    }
  }

  /** Resolves at the next moment of this kind, or when none comes. */
  async answering(moment: "asked" | "answered"): Promise<void> {
    const before = this.#moments[moment];
    const until = performance.now() + MOMENT_MS;
    while (this.#moments[moment] === before && performance.now() < until) await pause(1);
  }

  /** Resolves when so much of a long line stands in a channel, or when none comes. */
  async saying(bytes: number, share: number): Promise<void> {
    const files = this.jobs.map(({ id }) => `${this.site.home}/jobs/${id}/turns/1`);
    const until = performance.now() + MOMENT_MS;
    while (performance.now() < until) {
      for (const file of files) {
        for (const name of ["inputs.jsonl", "in.jsonl"]) {
          const size = sizeOf(`${file}/${name}`) % (2 * bytes);
          if (size > bytes * share && size > 10_000) return;
        }
      }
      await pause(0);
    }
  }

  /** Looks at everything, once all talks are over. */
  async settle(client: RemoteService, signal: AbortSignal): Promise<void> {
    for (const job of this.jobs) {
      this.trial.findings.jobs += 1;
      await this.#check(client, job, signal);
    }
    const ids = new Set(this.jobs.flatMap(({ id }) => id ?? []));
    for (const process of this.site.jobProcesses(ids)) this.trial.find("left", process);
    for (const line of this.site.log().filter((line) => /survived|unexpected/i.test(line))) {
      this.trial.find("wrong", `logged ${line}`);
    }
  }

  async #answer(
    client: RemoteService,
    { job, questionId, signal }: { job: TalkedJob; questionId: string; signal: AbortSignal },
  ): Promise<void> {
    const { random } = this.trial;
    // The same option however often it is sent: the books are kept by the first.
    const option = job.answers.get(questionId) ?? random.pick(["allow", "reject"]);
    job.answers.set(questionId, option);
    const request = {
      job_id: job.id!,
      question_id: questionId,
      option,
      as: "person" as const,
      request_key: `${job.token}-${questionId}`,
    };
    this.#moments.answered += 1;
    try {
      await insist(() => client.answer(request, { signal }), signal);
    } catch (error) {
      // A steer has superseded it.
      if (job.steers.length === 0) throw error;
      job.answers.delete(questionId);
    }
  }

  async #check(client: RemoteService, job: TalkedJob, signal: AbortSignal): Promise<void> {
    const { trial } = this;
    let result = await client.poll({ job_id: job.id! });
    while (!isFinished(result.status)) {
      if (signal.aborted) return trial.find("lost", `${job.token} (${job.id}) is ${result.status} for ever`);
      const { jobs } = await insist(
        () => client.wait({ job_ids: [job.id!], timeout_seconds: 5 }, { signal }),
        signal,
      );
      result = jobs[0] ?? result;
    }
    trial.expect(result.status === "done", `${job.token} (${job.id}) is ${result.status}: ${result.error}`);
    const events = await eventsOf(client, job.id!);
    const said = events.flatMap(({ type, text }) => type === "message" ? [String(text)] : []);
    const expected = job.messages.map((text) => {
      const option = job.answers.get(`1-${text.slice(0, -2)}`);
      return text.endsWith(" ?") ? `${text.slice(0, -2)} ${option === "allow" ? "allow" : "deny"}` : text;
    });
    const own = said.filter((text) => !text.startsWith("steer-"));
    compare(trial, `${job.token} (${job.id}) said`, own, expected);
    compare(
      trial,
      `${job.token} (${job.id}) was steered`,
      said.filter((text) => text.startsWith("steer-")),
      job.steers,
    );
    const ids = job.questions.map((id) => `1-${id}`);
    const asked = events.flatMap(({ type, question_id }) => type === "question" ? [String(question_id)] : []);
    compare(trial, `${job.token} (${job.id}) asked`, asked, ids);
    const settled = events.flatMap(({ type, question_id }) => type === "answer" ? [String(question_id)] : []);
    compare(trial, `${job.token} (${job.id}) was answered`, settled.toSorted(), ids.toSorted());
    this.#checkHeard(job);
  }

  /** What the agent itself has written down: each line once, none of them torn. */
  #checkHeard(job: TalkedJob): void {
    const { trial } = this;
    const lines = Deno.readTextFileSync(`${job.cwd}/heard.jsonl`).split("\n").slice(0, -1);
    const names = lines.flatMap((line) => nameOf(line));
    for (const name of new Set(names)) {
      const times = names.filter((each) => each === name).length;
      if (name === "torn") trial.find("wrong", `${job.token} (${job.id}) heard a torn line`);
      else if (times > 1 && name !== "initialize") {
        trial.find("doubled", `${job.token} heard ${name} ${times} times`);
      }
    }
    for (const id of job.questions) {
      if (!names.includes(`answer ${id}`)) {
        trial.find("lost", `${job.token} (${job.id}) never heard of ${id}`);
      }
    }
  }
}

/** Which line of the protocol it is, by what may not come twice. */
function nameOf(line: string): string[] {
  if (line === "TORN") return ["torn"];
  try {
    const { type, request_id, response, uuid, request } = JSON.parse(line);
    if (type === "control_response") return [`answer ${response.request_id}`];
    if (type === "control_request") {
      return [request.subtype === "initialize" ? "initialize" : `request ${request_id}`];
    }
    return [`message ${uuid}`];
  } catch {
    return ["torn"];
  }
}

function compare(trial: Trial, what: string, found: readonly string[], expected: readonly string[]): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  const short = (texts: readonly string[]) => JSON.stringify(texts.map((text) => text.slice(0, 40)));
  const kind = found.length > expected.length ? "doubled" : found.length < expected.length ? "lost" : "wrong";
  trial.find(kind, `${what} ${short(found)} and not ${short(expected)}`);
}

async function eventsOf(client: RemoteService, id: string): Promise<Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  for (let cursor = 0, more = true; more;) {
    const page = await client.events({ job_id: id, cursor, limit: 500, truncate: 0 });
    events.push(...page.events);
    ({ cursor, more } = page);
  }
  return events;
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
