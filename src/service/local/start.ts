/**
 * Room `service`, part of `LocalService`: from a request to a durable job. Everything is checked before anything is
 * written, and everything is written before the job is accepted.
 *
 * @module
 */
import { AgentAsyncError, invalidArgument } from "../../domain/errors.ts";
import { type Job, PROMPT_PREVIEW_CHARS } from "../../domain/job/job.ts";
import { type ApprovalPolicy, isWithinPolicy } from "../../domain/agent/policy.ts";
import { preview } from "../../domain/job/result.ts";
import { JOB_ID_ALPHABET, JOB_ID_LENGTH } from "../../domain/job/ids.ts";
import { DEPTH_VARIABLE, JOB_VARIABLE } from "../../domain/job/job_variables.ts";
import { type NewTurn, writeAccepted } from "../../scheduler/turn/accepted_turn.ts";
import { writeTurnDirectory } from "../../scheduler/turn/files.ts";
import type { NewJob } from "../../store/job_store.ts";
import { writeAtomically } from "../../system/files/files.ts";
import { randomId } from "../../system/ids.ts";
import { withContextFiles } from "./context_files.ts";
import type { Caller } from "../call.ts";
import { checkGuardedPlaces } from "./guarded_places.ts";
import { jobAround, policyInside } from "./caller.ts";
import type { LocalDependencies } from "./dependencies.ts";
import { afterFailure, takeBackStart } from "./refused.ts";
import { MAX_PROMPT_CHARS, type StartRequest } from "../requests.ts";
import { checkWorkingDirectory } from "./working_directory.ts";

/** Ids drawn before giving up; one collision among 100,000 jobs has a chance of 1 in 10 million. */
const ID_TRIES = 5;

/**
 * Accepts a start, or finds the job that the same `request_key` has made.
 *
 * @param options.otherwise the policy of a request that names none; that of the configuration, unless given
 */
export async function acceptStart(
  request: StartRequest,
  dependencies: LocalDependencies,
  options: { caller?: Caller | undefined; otherwise?: ApprovalPolicy } = {},
): Promise<Job> {
  const { store } = dependencies;
  const checking = check(request, dependencies, options);
  // Heard of below, unless the job is there already: then nothing has to be as it was.
  checking.catch(() => {});
  const known = request.request_key === undefined ? null : await store.keyed(request.request_key);
  if (known !== null) return await existing(known.jobId, dependencies);
  const { policy, cwd, tree, prompt, place, timeoutSeconds } = await checking;

  const job: Omit<NewJob, "id"> = {
    agent: request.agent,
    cwd,
    tree,
    prompt: preview(request.prompt, PROMPT_PREVIEW_CHARS),
    ...(request.title === undefined ? {} : { title: request.title }),
    approval_policy: policy,
    priority: request.priority ?? 0,
    after: [...new Set(request.after ?? [])],
    fallback: request.fallback ?? [],
    retry_on_limit: request.retry_on_limit ?? false,
    limit_retries: 0,
    ...place,
    request_key: request.request_key ?? null,
    created_at: dependencies.clock.now(),
    started_at: null,
    turn: 1,
    previous_turn: null,
    last_turn: 1,
    queue: [],
    session_id: null,
    summary: null,
    state: { status: "pending", since: dependencies.clock.now(), not_before: null },
  };
  return await create(job, { request, prompt, policy, timeoutSeconds }, dependencies);
}

/** What a start asks for, as far as it can be had. Throws what `JobService.start` says. */
async function check(
  request: StartRequest,
  dependencies: LocalDependencies,
  { caller, otherwise }: { caller?: Caller | undefined; otherwise?: ApprovalPolicy },
) {
  const settings = dependencies.settings();
  const around = await jobAround(caller, request.origin.env[JOB_VARIABLE], dependencies);
  const policy = allowedPolicy(
    policyInside(around, request.approval_policy, otherwise ?? settings.defaultPolicy),
    settings.maxPolicy,
  );
  const { cwd, tree } = await checkWorkingDirectory(request.cwd, settings.allowedRoots);
  checkGuardedPlaces({ cwd, root: tree.root }, policy, dependencies.guardedPlaces(request.origin.env));
  const prompt = composePrompt(request.prompt, cwd, request.context_files ?? []);
  const place = placeOf(request.origin.env, around, settings.depth);
  await checkAfter(request.after ?? [], dependencies);
  await checkAgents(request, dependencies);
  checkPolicy(request.agent, policy, dependencies);
  return { policy, cwd, tree, prompt, place, timeoutSeconds: settings.maxRuntimeSeconds };
}

/** @throws {AgentAsyncError} `invalid_argument` for a policy beyond the configured one. */
export function allowedPolicy(policy: ApprovalPolicy, cap: ApprovalPolicy): ApprovalPolicy {
  if (isWithinPolicy(policy, cap)) return policy;
  throw invalidArgument(
    "approval_policy",
    `${policy} is more than max_approval_policy (${cap}) in the configuration allows`,
    `Use ${cap}, or raise max_approval_policy in config.json.`,
  );
}

/** @throws {AgentAsyncError} `invalid_argument` for a policy that the agent has no way to keep. */
export function checkPolicy(agent: string, policy: ApprovalPolicy, { scheduler }: LocalDependencies): void {
  const { catalog } = scheduler.options;
  const driver = catalog.driver(agent);
  if (driver === null || catalog.canKeep(agent, policy)) return;
  const policies = driver.policies ?? [];
  throw invalidArgument(
    "approval_policy",
    `${driver.title} cannot be held to ${policy}: its entry in the configuration does not say how`,
    policies.length === 0
      ? `Give agents.${agent}.policy_args a list for ${policy}.`
      : `Use ${policies.join(" or ")}, or give agents.${agent}.policy_args a list for ${policy}.`,
  );
}

/** @throws {AgentAsyncError} `invalid_argument` for a blank or over-long prompt, or a bad context file. */
function composePrompt(prompt: string, cwd: string, contextFiles: readonly string[]): string {
  if (prompt.trim() === "") throw invalidArgument("prompt", "must not be blank");
  const whole = contextFiles.length === 0 ? prompt : withContextFiles(prompt, cwd, contextFiles);
  if (whole.length > MAX_PROMPT_CHARS) {
    throw invalidArgument(
      "context_files",
      `make the prompt ${whole.length} characters long; at most ${MAX_PROMPT_CHARS} are allowed`,
      "Name the files in the prompt instead: the agent can read them itself.",
    );
  }
  return whole;
}

/** How deep the new job lies: one deeper than the job around it, or than the mark in the environment says. */
function placeOf(
  env: Readonly<Record<string, string>>,
  around: Job | null,
  limit: number,
): { parent: string | null; depth: number } {
  const marked = Number.parseInt(env[DEPTH_VARIABLE] ?? "0", 10);
  const depth = Math.max(around?.depth ?? 0, Number.isSafeInteger(marked) ? marked : 0) + 1;
  if (depth > limit) {
    throw new AgentAsyncError(
      "depth_exceeded",
      `Cannot start a job here: it would be ${depth} jobs deep, and the limit is ${limit}`,
      { hint: "Do this part of the work yourself instead of delegating it, or raise limits.depth." },
    );
  }
  return { parent: around?.id ?? null, depth };
}

async function checkAfter(after: readonly string[], { store }: LocalDependencies): Promise<void> {
  for (const [index, id] of after.entries()) {
    if (await store.get(id) === null) throw invalidArgument(`after[${index}]`, `there is no job ${id}`);
  }
}

async function checkAgents(request: StartRequest, { scheduler }: LocalDependencies): Promise<void> {
  const { catalog } = scheduler.options;
  for (const [index, name] of [request.agent, ...request.fallback ?? []].entries()) {
    if (catalog.driver(name) !== null) continue;
    const argument = index === 0 ? "agent" : `fallback[${index - 1}]`;
    throw new AgentAsyncError("unknown_agent", `${argument}: there is no agent ${name}`, {
      hint: `Known agents: ${catalog.names().join(", ")}.`,
    });
  }
  if ((request.fallback ?? []).length > 0) return;
  const found = await catalog.detect(request.agent, request.origin.env);
  if (found.available) return;
  const problem = found.problem === "too_old"
    ? `${found.version ?? "its version"} is too old`
    : "is not installed";
  throw new AgentAsyncError(
    "conflict",
    `Cannot start a job: ${found.title} ${problem}`,
    found.hint === null ? {} : { hint: found.hint },
  );
}

interface Accepted {
  request: StartRequest;
  prompt: string;
  policy: ApprovalPolicy;
  timeoutSeconds: number;
}

async function create(
  job: Omit<NewJob, "id">,
  accepted: Accepted,
  dependencies: LocalDependencies,
): Promise<Job> {
  const { store, directories } = dependencies;
  const { request } = accepted;
  for (let tries = 1;; tries++) {
    const id = randomId(JOB_ID_ALPHABET, JOB_ID_LENGTH);
    const directory = directories.job(id);
    if (directory.exists()) {
      if (tries < ID_TRIES) continue;
      throw new Error(`Cannot find a free job id in ${tries} tries`);
    }
    const takeBack = () => takeBackStart(directory, dependencies);
    let result: { job: Job; created: boolean };
    try {
      const turn: NewTurn = {
        request: {
          job_id: id,
          turn: 1,
          origin: "start",
          approval_policy: accepted.policy,
          model: request.model ?? null,
          timeout_seconds: request.timeout_seconds ?? accepted.timeoutSeconds,
          request_key: null,
          cursor: 0,
          created_at: job.created_at,
          start: {
            agent: request.agent,
            fallback: job.fallback,
            context_files: request.context_files ?? [],
            prompt_chars: request.prompt.length,
          },
        },
        prompt: accepted.prompt,
        env: request.origin.env,
      };
      // Before the directory, so that a daemon that dies from here on leaves a trace of what it had not accepted.
      const seals = { 1: writeAccepted(directory.turn(1), turn) };
      directory.create();
      writeTurnDirectory(directory, turn);
      // Whole or not at all: by it the next daemon knows a start that was never accepted.
      writeAtomically(directory.recordFile, JSON.stringify({ ...job, id, seals, number: 0 }));
      result = await store.create({ ...job, id, seals });
    } catch (error) {
      const isThere = async () => await store.get(id) !== null;
      const look = `If it was, it is job ${id}: see job_poll in a moment.`;
      throw await afterFailure(error, { jobId: id, isThere, takeBack, look }, dependencies);
    }
    if (!result.created) await takeBack();
    return result.job;
  }
}

async function existing(id: string, { store }: LocalDependencies): Promise<Job> {
  const job = await store.get(id);
  if (job === null) {
    throw new AgentAsyncError("not_found", `Job ${id}, made by this request_key, has been pruned`);
  }
  return job;
}
