/**
 * Room `scheduler`: the check of a turn that ended well. The turn is not over before its check is: the job stays
 * running, in its slot and tree, and what the check finds becomes part of the turn's only outcome.
 *
 * @module
 */
import { type CheckEvidence, type JobCheck, repairPrompt } from "../../../domain/job/check.ts";
import { isJobIn } from "../../../domain/job/job.ts";
import type { EventBody } from "../../../domain/event/event_body.ts";
import type { TurnOutcome, Verdict } from "../../../domain/turn/turn.ts";
import type { Youth } from "../../../system/processes/young_pids.ts";
import { agentEnvironment } from "../agent_environment.ts";
import { readEnvironment } from "../accepted_turn.ts";
import type { TurnRun } from "../run.ts";
import type { TurnWatchOptions } from "../watch_options.ts";
import { type CheckCommand, checkCommand } from "./check_command.ts";
import { type CheckEnd, hasBegun, runCheck } from "./check_run.ts";
import { checkChanged, NO_MONEY_TO_MEND, passedByItself } from "./check_doubts.ts";
import { FAILS_WITHOUT_WORK, failsWithoutWork } from "./without_work.ts";
import { formPrompt, resultForm } from "./result_form.ts";

/** Least ms that a check gets, however much of its turn's time the agent has used. */
const LEAST_MS = 60_000;

/** How often a check is begun again that vanished without a stop: the machine was restarted in the middle of it. */
const MOST_RUNS = 3;

/** Lines of a failing check's output in the job's error. */
const ERROR_LINES = 20;

/** What the check has made of a turn. */
export interface Checked {
  readonly verdict: Verdict;
  /** What the outcome tells beside it. */
  readonly findings: Pick<TurnOutcome, "check" | "repair_prompt" | "is_form_repair" | "result_json">;
  /** Further reasons to doubt the outcome. */
  readonly doubts?: readonly string[];
}

export interface TurnCheckOptions
  extends
    Pick<TurnWatchOptions, "store" | "processes" | "clock" | "limits" | "catalog" | "onEvents" | "spending"> {
  /** Fires when this daemon leaves. */
  readonly signal: AbortSignal;
  readonly youth: () => Youth | null;
}

export class TurnCheck {
  /** Events that were given to the turn's output, by their keys: a second attempt after a full disk says none twice. */
  readonly #said = new Set<string>();

  constructor(private readonly run: TurnRun, private readonly options: TurnCheckOptions) {}

  /**
   * Runs the job's check, if it has one and the turn ended well. May be called again after a failure of the disk.
   * `null` when this daemon leaves meanwhile; the check goes on.
   */
  async after(verdict: Verdict): Promise<Checked | null> {
    if (verdict.status !== "done") return { verdict, findings: {} };
    const checked = await this.#checked(verdict);
    return checked === null || checked.verdict.status !== "done" ? checked : await this.#formed(checked);
  }

  /** Reads the answer in the form that was asked for. An answer in another form goes back to the agent once. */
  async #formed(checked: Checked): Promise<Checked> {
    const { run } = this;
    const { result_schema: schema, is_form_repair: isSecond } = run.options.request;
    if (schema === undefined) return checked;
    const form = await resultForm(run.output.result, schema);
    if (form.ok) return { ...checked, findings: { ...checked.findings, result_json: form.value } };
    const obstacle = isSecond === true ? "asked" : await this.#obstacle();
    if (obstacle !== null) {
      const unasked = obstacle === "budget" ? ` ${NO_MONEY_TO_MEND}` : "";
      return {
        ...checked,
        doubts: [...checked.doubts ?? [], `The answer is not valid by result_schema: ${form.why}.${unasked}`],
      };
    }
    const repair_prompt = formPrompt(schema, form.why);
    return { ...checked, findings: { ...checked.findings, repair_prompt, is_form_repair: true } };
  }

  async #checked(verdict: Verdict): Promise<Checked | null> {
    const { job: { check } } = this.run;
    if (check === undefined) return { verdict, findings: {} };
    const attempt = (this.run.options.request.repair ?? 0) + 1;
    const command = await this.#command(check);
    if (!command.ok) return { verdict: failed(check, command.why), findings: {} };
    this.#say("started", { type: "check", state: "started", command: check.command, attempt });
    let end: CheckEnd | null = null;
    for (let nth = 1; nth <= MOST_RUNS; nth++) {
      end = await this.#once(nth, { check, command });
      if (end === null) return null;
      if (end.kind !== "vanished") break;
      if (await this.#isCancelled()) {
        return { verdict: { status: "cancelled", reason: "cancelled" }, findings: {} };
      }
    }
    if (end === null) return null;
    const evidence: CheckEvidence = {
      command: check.command,
      exit_code: end.kind === "exited" ? end.exitCode : null,
      seconds: end.seconds,
      attempts: attempt,
    };
    const { command: line, ...told } = evidence;
    const hasPassed = evidence.exit_code === 0;
    this.#say("ended", {
      type: "check",
      state: hasPassed ? "passed" : "failed",
      command: line,
      attempt,
      exit_code: told.exit_code,
      seconds: told.seconds,
      output: end.tail,
    });
    const changed = await this.run.options.changes?.sinceAfter() ?? [];
    const doubts = changed.length === 0 ? [] : [checkChanged(changed)];
    if (hasPassed && attempt > 1 && this.run.disk?.files.length === 0) doubts.push(passedByItself(attempt));
    if (hasPassed) return { verdict, findings: { check: evidence }, doubts };
    const obstacle = end.kind === "exited" && attempt <= check.attempts ? await this.#obstacle() : "attempts";
    const repair = end.kind === "exited" && obstacle === null
      ? { repair_prompt: repairPrompt({ command: line, exitCode: end.exitCode, tail: end.tail }) }
      : {};
    if (obstacle === "budget") doubts.push(NO_MONEY_TO_MEND);
    if (!("repair_prompt" in repair)) {
      const isSame = await failsWithoutWork({
        run: this.run,
        check,
        end,
        runIn: (cwd, limitMs) => this.#once(0, { check, command: { ...command, cwd }, limitMs }),
      });
      if (isSame === "left") return null;
      if (isSame) doubts.push(FAILS_WITHOUT_WORK);
    }
    return { verdict: failed(check, whyOf(end)), findings: { check: evidence, ...repair }, doubts };
  }

  async #command(check: JobCheck): Promise<CheckCommand> {
    const { job, files, where } = this.run;
    const env = agentEnvironment({
      host: readEnvironment(files) ?? {},
      configured: where.variables,
      driver: {},
      git: [],
      jobId: job.id,
      depth: job.depth,
    });
    return await checkCommand(check, { cwd: where.cwd, env, catalog: this.options.catalog });
  }

  async #once(
    nth: number,
    { check, command, limitMs }: {
      check: JobCheck;
      command: Extract<CheckCommand, { ok: true }>;
      limitMs?: number;
    },
  ): Promise<CheckEnd | null> {
    const { run, options } = this;
    try {
      return await runCheck({
        jobId: run.job.id,
        files: run.files.check(nth),
        check,
        command,
        limitMs: limitMs ?? Math.max(LEAST_MS, run.options.request.timeout_seconds * 1000 - this.#agentMs()),
        limitBytes: options.limits().outputBytes,
        processes: options.processes,
        clock: options.clock,
        signal: options.signal,
        youth: options.youth,
        isFollowed: nth > 0 && [nth + 1, 0].some((other) => hasBegun(run.files.check(other))),
        onProcess: (process) => run.checking = process,
      });
    } finally {
      run.checking = null;
    }
  }

  /** Ms that the agent itself took, as far as its exit record tells. */
  #agentMs(): number {
    const { job: { state }, files } = this.run;
    if (state.status !== "running") return 0;
    try {
      return Math.max(0, (Deno.statSync(files.exitFile).mtime?.getTime() ?? state.since) - state.since);
    } catch {
      return 0;
    }
  }

  async #isCancelled(): Promise<boolean> {
    const job = await this.options.store.get(this.run.job.id);
    return job !== null && isJobIn(job, "running") && job.state.stop !== null;
  }

  /** What keeps the agent from being asked to mend what was found; `null` for nothing. */
  async #obstacle(): Promise<"agent" | "budget" | null> {
    const { driver, job } = this.run.options;
    const session = this.run.output.tally.sessionId ?? job.session_id;
    if (!driver.hasSessions || (session === null && driver.replaysConversation !== true)) return "agent";
    return await this.options.spending?.hasRoom(job) ?? true ? null : "budget";
  }

  #say(key: string, event: EventBody): void {
    const events = this.#said.has(key) ? [] : [event];
    this.#said.add(key);
    this.run.output.say(events, "after");
    this.options.onEvents(this.run.job.id);
  }
}

function whyOf(end: CheckEnd): string {
  const tail = end.tail.trimEnd().split("\n").slice(-ERROR_LINES).join("\n");
  const said = tail === "" ? "" : `:\n${tail}`;
  switch (end.kind) {
    case "exited":
      return `failed with exit code ${end.exitCode}${said}`;
    case "hung":
      return `did not end within the time that was left of its turn, and was ended${said}`;
    case "flooded":
      return `printed more than the output limit, and was ended${said}`;
    case "vanished":
      return `vanished ${MOST_RUNS} times and left no exit code${said}`;
  }
}

function failed({ command, name }: JobCheck, why: string): Verdict {
  return {
    status: "error",
    reason: "check_failed",
    error: `The check ${name ?? JSON.stringify(command)} ${why}`,
    hint: "The agent's work is there as it left it: look at it, and continue the job with a reply.",
    retry_at: null,
  };
}
