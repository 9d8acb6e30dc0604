/**
 * Room `scheduler`: commits the end of a turn together with what follows it, so that no crash falls in between.
 *
 * @module
 */
import type { AgentCatalog } from "../../agents/detection/catalog.ts";
import { isJobIn, type Job } from "../../domain/job/job.ts";
import { mayWrite } from "../../domain/agent/policy.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { transition } from "../../domain/job/transition.ts";
import type { TurnOutcome, TurnRequest } from "../../domain/turn/turn.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import { removeChannel } from "../../kernel/channel/feeder.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import { immediate } from "../../system/pause.ts";
import { type FollowUp, followUp, isUnable } from "./follow_up.ts";
import { readEnvironment } from "./accepted_turn.ts";
import { readAsked, readRequest, removeEnvironment, writeTurn } from "./files.ts";

export interface TurnEndOptions {
  store: JobStore;
  directories: JobDirectories;
  clock: Clock;
  catalog: AgentCatalog;
  /**
   * Called when the end is committed, before anything is cleared away: with the job as the end has left it, or `null`
   * when the turn had ended already.
   */
  onCommitted: (left: Job | null) => Promise<void>;
}

/** The caller must hold the job's lock (`JobLocks`). May be called again after a crash. */
export async function commitTurnEnd(job: Job, outcome: TurnOutcome, options: TurnEndOptions): Promise<void> {
  const { store, directories } = options;
  const end = (current: Job) =>
    transition(current, {
      type: "end",
      verdict: outcome.verdict,
      exitCode: outcome.exit_code,
      sessionId: outcome.session_id,
      clockJumpMs: outcome.clock_jump_ms,
      // An earlier daemon may have written the outcome, long before this one commits it.
      at: outcome.finished_at,
    });
  const evidence = {
    successor: await successorOf(job, outcome, options),
    isToRepair: outcome.repair_prompt !== undefined,
    hasUndelivered: outcome.undelivered !== undefined,
  };
  let left: Job | null = null;
  for (;;) {
    const current = await store.get(job.id);
    if (current === null || current.turn !== job.turn || isFinished(current.state.status)) break;
    const next = followUp(end(current), { ...evidence, isSuperseded: isSuperseded(current) });
    const seal = await prepareFollowUp(current, next, outcome, options);
    const { changed, job: written } = await store.update(job.id, (latest) => {
      if (latest.turn !== job.turn || latest.state.status !== "running") return latest;
      const ended = end(latest);
      // A cancel that was committed meanwhile changes the follow-up: decide again.
      return isSame(followUp(ended, { ...evidence, isSuperseded: isSuperseded(latest) }), next)
        ? withFollowUp(ended, next, { ...options, seal })
        : latest;
    });
    if (!changed) continue;
    left = written;
    break;
  }
  await options.onCommitted(left);
  // Those who were told answer their callers first.
  await immediate();
  const turn = directories.job(job.id).turn(job.turn);
  turn.archiveExit();
  removeChannel(turn);
  await removeEnvironment(turn);
}

/** Whether the job's present turn is ended for the next prompt. */
function isSuperseded(job: Job): boolean {
  return isJobIn(job, "running") && job.state.stop?.cause === "superseded";
}

/**
 * The first fallback agent that can be started now; `null` when there is none. Agents that cannot be started are passed
 * over, so that the job ends with its own agent's failure, and can still wait for that agent's usage limit.
 */
async function successorOf(
  job: Job,
  outcome: TurnOutcome,
  { catalog, directories }: TurnEndOptions,
): Promise<string | null> {
  const directory = directories.job(job.id);
  if (!isUnable(outcome.verdict) || !isUntouched(job, outcome, directory)) return null;
  const env = readEnvironment(directory.turn(job.turn)) ?? {};
  for (const name of job.fallback) {
    if (catalog.driver(name) === null || !catalog.canKeep(name, job.approval_policy)) continue;
    if ((await catalog.detect(name, env)).available) return name;
  }
  return null;
}

/**
 * Whether the turn has changed nothing, so that another agent may begin afresh. A command under a policy that may write
 * counts as a change, whatever the agent reports of files. An agent that reports neither files nor commands counts as
 * having changed nothing: otherwise no other agent could ever follow it.
 */
function isUntouched(job: Job, outcome: TurnOutcome, directory: JobDirectory): boolean {
  const origin = readRequest(directory.turn(job.turn))?.origin;
  const { files_changed, commands_run } = outcome.totals;
  return (origin === "start" || origin === "fallback") && !outcome.changed_files &&
    (files_changed ?? []).length === 0 &&
    ((commands_run ?? 0) === 0 || !mayWrite(job.approval_policy));
}

function withFollowUp(
  ended: Job,
  next: FollowUp,
  { clock, directories, seal }: TurnEndOptions & { seal: string | null },
): Job | readonly Job[] {
  const at = clock.now();
  const sealed = seal === null ? {} : { seal };
  switch (next.kind) {
    case "none":
      return ended;
    case "next": {
      const request = readRequest(directories.job(ended.id).turn(next.turn));
      const policy = request?.approval_policy ?? ended.approval_policy;
      return [ended, transition(ended, { type: "next", policy, at })];
    }
    case "hand_over":
      return [ended, transition(ended, { type: "hand_over", agent: next.agent, ...sealed, at })];
    case "postpone":
      return [ended, transition(ended, { type: "postpone", until: next.until, ...sealed, at })];
    case "carry_on":
      return [ended, transition(ended, { type: "carry_on", ...sealed, at })];
    case "repair":
      // One record: nobody sees an end that is none.
      return transition(ended, { type: "repair", ...sealed, at });
  }
}

/**
 * Writes a turn that goes on in the same environment, with the same prompt or with what the check has found.
 * @returns its seal; `null` when none was written
 */
async function prepareFollowUp(
  job: Job,
  next: FollowUp,
  outcome: TurnOutcome,
  { directories, clock }: TurnEndOptions,
): Promise<string | null> {
  if (next.kind === "none" || next.kind === "next") return null;
  const directory = directories.job(job.id);
  const last = directory.turn(job.turn);
  const asked = readRequest(last);
  if (asked === null) return null;
  // What the start was asked is kept with the first turn only.
  const { start: _start, repair, is_form_repair: _form, interrupts: _interrupts, ...request } = asked;
  return await writeTurn(directory, {
    request: {
      ...request,
      turn: next.turn,
      origin: ORIGINS[next.kind],
      ...repairOf(outcome, next, repair),
      request_key: null,
      // A model's name means nothing to another agent.
      model: next.kind === "hand_over" ? null : request.model,
      created_at: clock.now(),
    },
    prompt: promptOf(next, outcome, readAsked(last)),
    env: readEnvironment(last) ?? {},
  });
}

/** Which repair the next turn is: another form of the answer is none of the work. */
function repairOf(
  { is_form_repair: isForm }: TurnOutcome,
  { kind }: FollowUp,
  before: number | undefined,
): Pick<TurnRequest, "repair" | "is_form_repair"> {
  if (kind === "repair" && isForm !== true) return { repair: (before ?? 0) + 1 };
  return {
    ...(before === undefined ? {} : { repair: before }),
    ...(kind === "repair" ? { is_form_repair: true } : {}),
  };
}

const ORIGINS = { hand_over: "fallback", postpone: "retry", repair: "repair", carry_on: "reply" } as const;

/** What the turn that follows is asked. What was said to the agent in vain is never left out. */
function promptOf(next: FollowUp, { repair_prompt, undelivered = [] }: TurnOutcome, asked: string): string {
  const first = next.kind === "carry_on" ? [] : [next.kind === "repair" ? repair_prompt ?? "" : asked];
  return [...first, ...undelivered].join("\n\n");
}

/** Whether both need the same files. `until` is not compared: it may depend on the clock, and no file holds it. */
function isSame(a: FollowUp, b: FollowUp): boolean {
  return a.kind === b.kind && ("turn" in a ? a.turn : 0) === ("turn" in b ? b.turn : 0);
}
