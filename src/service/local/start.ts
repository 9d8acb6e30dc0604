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
import { DEPTH_VARIABLE, JOB_VARIABLE } from "../../domain/job/job_variables.ts";
import { schemaFault } from "../../scheduler/turn/check/result_form.ts";
import type { NewJob } from "../../store/job_store.ts";
import { checkOfStart } from "./check_of_start.ts";
import { isolationOfStart } from "./isolation_of_start.ts";
import { budgetOfStart } from "./budget_of_start.ts";
import { createJob } from "./create_job.ts";
import { withContextFiles } from "./context_files.ts";
import type { Caller } from "../call.ts";
import { checkGuardedPlaces } from "./check_guarded_places.ts";
import { jobAround, policyInside } from "./caller_rights.ts";
import type { LocalDependencies } from "./dependencies.ts";
import { MAX_PROMPT_CHARS, type StartRequest } from "../requests.ts";
import { checkWorkingDirectory } from "./working_directory.ts";

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
  // The rejection is awaited further down; a job that exists already needs no check.
  checking.catch(() => {});
  const known = request.request_key === undefined ? null : await store.keyed(request.request_key);
  if (known !== null) return await existing(known.jobId, dependencies);
  const { policy, cwd, tree, prompt, place, timeoutSeconds, jobCheck, isolation, budget } = await checking;

  const job: Omit<NewJob, "id"> = {
    agent: request.agent,
    cwd,
    tree,
    prompt: preview(request.prompt, PROMPT_PREVIEW_CHARS),
    ...(request.title === undefined ? {} : { title: request.title }),
    approval_policy: policy,
    ...isolation,
    ...budget,
    ...(request.group === undefined ? {} : { group: request.group }),
    ...(jobCheck === undefined ? {} : { check: jobCheck }),
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
  return await createJob(job, { request, prompt, policy, timeoutSeconds }, dependencies);
}

/**
 * The policy, directory and prompt of a start, checked.
 * @throws {AgentAsyncError} `invalid_argument` and whatever else refuses a start.
 */
async function check(
  request: StartRequest,
  dependencies: LocalDependencies,
  { caller, otherwise }: { caller?: Caller | undefined; otherwise?: ApprovalPolicy },
) {
  const settings = dependencies.settings(request.origin.env);
  // Begun here, since it waits for the disk first, and awaited below.
  const working = checkWorkingDirectory(request.cwd, settings.allowedRoots);
  working.catch(() => {});
  const around = await jobAround(caller, request.origin.env[JOB_VARIABLE], dependencies);
  const policy = allowedPolicy(
    policyInside(around, request.approval_policy, otherwise ?? settings.defaultPolicy),
    settings.maxPolicy,
  );
  const { cwd, tree } = await working;
  checkGuardedPlaces({ cwd, root: tree.root }, policy, dependencies.guardedPlaces(request.origin.env));
  const prompt = composePrompt(request.prompt, cwd, request.context_files ?? []);
  const place = placeOf(request.origin.env, around, settings.depth);
  await checkAfter(request.after ?? [], dependencies);
  await checkAgents(request, dependencies);
  checkPolicy(request.agent, policy, dependencies);
  const fault = request.result_schema === undefined ? null : await schemaFault(request.result_schema);
  if (fault !== null) throw invalidArgument("result_schema", fault);
  const budget = await budgetOfStart(request, { around, dependencies });
  const isolation = isolationOfStart(request, {
    cwd,
    tree,
    policy,
    projects: settings.projects,
    otherwise: settings.isolation,
  });
  const jobCheck = checkOfStart(request, {
    cwd,
    policy,
    projects: settings.projects,
    hasSandbox: (agent) => dependencies.scheduler.options.catalog.driver(agent)?.sandboxed !== undefined,
  });
  return {
    policy,
    cwd,
    tree,
    prompt,
    place,
    timeoutSeconds: settings.maxRuntimeSeconds,
    jobCheck,
    isolation,
    budget,
  };
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
  if (policy === "ask") {
    const others = catalog.names().filter((name) => catalog.canKeep(name, policy));
    throw invalidArgument(
      "approval_policy",
      `${driver.title} cannot be asked: its questions would have nobody to answer them`,
      others.length === 0
        ? "No agent here can be asked: use another policy."
        : `Use another policy, or an agent that can be asked: ${others.join(", ")}.`,
    );
  }
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

/** How deep the new job lies: one deeper than the job around it, or than the depth that the environment names. */
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

async function existing(id: string, { store }: LocalDependencies): Promise<Job> {
  const job = await store.get(id);
  if (job === null) {
    throw new AgentAsyncError("not_found", `Job ${id}, made by this request_key, has been pruned`);
  }
  return job;
}
