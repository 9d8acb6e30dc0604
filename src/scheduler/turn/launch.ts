/**
 * Room `scheduler`: prepares the command line of an accepted turn. It checks everything again: an agent may have been
 * installed, or a directory removed, since the job was accepted.
 *
 * @module
 */
import { join } from "node:path";
import type { AgentCatalog } from "../../agents/detection/catalog.ts";
import type { LiveTalk } from "../../agents/begun_driver.ts";
import type { AgentDriver } from "../../agents/driver.ts";
import type { TalkContext } from "../../agents/live_driver.ts";
import type { TurnPlan } from "../../agents/turn_command.ts";
import { ARGUMENT_WORD_RULE, asArgument, isArgumentWord } from "../../domain/agent/argument_word.ts";
import { type ApprovalPolicy, isUnasked } from "../../domain/agent/policy.ts";
import type { Job } from "../../domain/job/job.ts";
import { composePrompt } from "../../domain/turn/prompt.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { LaunchOptions } from "../../kernel/launch.ts";
import type { PlacesHome } from "../../places/places_home.ts";
import type { IdSource } from "../../system/ids.ts";
import { ifOurs } from "../../system/files/files.ts";
import { nestedRepositories } from "../../system/files/nested_repositories.ts";
import { PathSearch } from "../../system/files/path_search.ts";
import { findWorkTree } from "../../system/files/work_tree.ts";
import type { NewTurn } from "./accepted_turn.ts";
import { agentEnvironment } from "./agent_environment.ts";
import { projectRefusal, untrustedRoots } from "./project_files.ts";
import { gitGuard } from "./git_guard.ts";
import { pathWithoutProject } from "./program_path.ts";
import { readPromptParts } from "./prompt_parts.ts";
import { readPreviousOutcome } from "./files.ts";
import type { TurnWatchOptions } from "./watch_options.ts";
import { whereOf } from "./where.ts";
import { talkFor } from "../talk/choose_talk.ts";

export interface LaunchDependencies extends Pick<TurnWatchOptions, "spending"> {
  catalog: AgentCatalog;
  ids: IdSource;
  isRoot: boolean;
  /** Where places are; absent where no job has one. */
  places?: PlacesHome;
  /** The command that hands on what is said to a two-way agent; without it, what the system has. */
  feeder?: () => Promise<readonly string[]>;
}

export interface PreparedLaunch {
  launch: LaunchOptions;
  driver: AgentDriver;
  /** What the talk of a two-way turn is made from; `null` for a one-way turn. */
  talk: LiveTalk | null;
  /** As it is to be given to the agent. */
  prompt: string;
  /** The project's rules as this turn found them. */
  rules: string;
  /** Further files that the command line names, by their names in the scratch directory. */
  files: Readonly<Record<string, string>>;
  /** The model asked for; `null` leaves the choice to the agent. */
  model: string | null;
}

type Prepared = ({ ok: true } & PreparedLaunch) | { ok: false; failure: Failure };

/**
 * Writes nothing. What a user can cause is a `spawn_failed` with a hint, not an exception. Throws errors of the file
 * system.
 */
export async function prepareLaunch(
  job: Job,
  { request, prompt: asked, env: host }: NewTurn,
  directory: JobDirectory,
  dependencies: LaunchDependencies,
): Promise<Prepared> {
  const { catalog, ids, spending } = dependencies;
  const turn = directory.turn(job.turn);
  const driver = catalog.driver(job.agent);
  if (driver === null) {
    return unable(
      `There is no agent ${job.agent} any more`,
      "See agents in config.json, then start the job again.",
    );
  }
  const found = await catalog.detect(job.agent, host);
  if (!found.available || found.executable === null) {
    return unable(
      found.problem === "too_old"
        ? `${driver.title} ${found.version ?? ""} is too old`
        : `${driver.title} is not installed: no ${
          driver.executables.join(" or ")
        } on the PATH of the host that asked`,
      found.hint ?? driver.hints.install,
    );
  }
  const policy = job.approval_policy;
  const settings = catalog.settings(job.agent);
  const { version } = found;
  const live = talkFor(driver, policy, { ...settings, version, hasBudget: spending?.isOver(job) });
  if (!catalog.canKeep(job.agent, policy) || (live === null && !isUnasked(policy))) {
    return unable(
      `${driver.title} cannot be held to ${job.approval_policy}`,
      `Give agents.${job.agent}.policy_args a list for it, or start the job again with another policy.`,
    );
  }
  const { cwd, root, place, variables } = whereOf(job, dependencies.places);
  const tree = await findWorkTree(cwd).catch(() => null);
  if (tree === null || tree.root !== root) {
    return unable(
      tree === null
        ? `${cwd} is not a directory any more`
        : `${cwd} leads to another place than when the job was accepted`,
      "Start the job again with a directory that exists.",
    );
  }
  if (request.origin === "reply" && job.session_id === null && driver.replaysConversation !== true) {
    return unable(
      "There is no agent session to continue: the turns before began none",
      "Start a new job instead.",
    );
  }
  if (job.session_id !== null && !isArgumentWord(job.session_id)) {
    return unable(
      `The agent's session has an id that could be taken for an option: ${JSON.stringify(job.session_id)}`,
      "Start a new job instead.",
    );
  }
  const model = request.model ?? settings.model ?? null;
  if (model !== null && !isArgumentWord(model)) {
    return unable(
      `The model ${JSON.stringify(model)} ${ARGUMENT_WORD_RULE}`,
      "Start the job again with another one.",
    );
  }
  const mcp = settings.mcp ?? "none";
  const isHeld = job.approval_policy !== "full-auto";
  const home = settings.env?.HOME ?? host.HOME;
  const refusal = isHeld
    ? projectRefusal(driver, { cwd, top: tree.root, mcp, env: { ...host, ...settings.env } })
    : null;
  if (refusal !== null) return unable(refusal.message, refusal.hint);
  const untrusted = isHeld ? untrustedRoots(driver, { cwd, tree }) : [];
  const { parts, rules } = await readPromptParts(job, {
    request,
    directory,
    driver,
    asked,
    untrustedRoots: untrusted,
  });
  const full = composePrompt(parts);
  const prompt = driver.guardPrompt?.(full, new PathSearch(cwd)) ?? full;
  const plan = {
    executable: found.executable,
    version,
    cwd,
    model,
    sessionId: driver.replaysConversation === true ? null : job.session_id,
    newSessionId: ids.uuid(),
    // In its own place a job may commit.
    ...(place === null ? { gitDirs: tree.gitDirs } : { gitDirs: [], ownGitDir: join(place.root, ".git") }),
    nestedRepositories: driver.protectsNestedRepositories === true && isSandboxed(job.approval_policy)
      ? await nestedRepositories(cwd)
      : [],
    untrustedRoots: untrusted,
    tempDirs: tempDirs(host),
    promptFile: turn.promptFile,
    ...(request.result_schema === undefined ? {} : { resultSchema: request.result_schema }),
    scratchDir: turn.scratchPath,
    extraArgs: settings.args ?? [],
    mcp,
    ...(mcp === "none"
      // The agent ignores an untrusted project's servers, so only those found from `/` are there to switch off.
      ? {
        mcpServers: await catalog.mcpServers(job.agent, {
          env: host,
          cwd: untrusted.length === 0 ? cwd : "/",
        }),
      }
      : {}),
    isRoot: dependencies.isRoot,
  };
  const talk = live === null ? null : { live, context: talkContext(job, { ...plan, policy }, directory) };
  const command = live !== null
    ? live.command({ ...plan, policy })
    : isUnasked(policy)
    ? driver.command({ ...plan, policy })
    : null;
  if (command === null) throw new TypeError("A turn that asks is two-way");
  const args = [...command.args];
  if (command.promptAsArgument !== undefined) {
    args[command.promptAsArgument] = asArgument(prompt);
  }
  return {
    ok: true,
    driver,
    talk,
    prompt,
    rules,
    files: command.files ?? {},
    model,
    launch: {
      turn,
      executable: found.executable,
      args,
      cwd,
      env: agentEnvironment({
        host,
        configured: { ...settings.env, ...variables },
        driver: command.env,
        git: isHeld ? gitGuard(tree, { home }) : [],
        path: (value) => policy === "suggest" ? pathWithoutProject(value, { cwd, tree, home }) : value,
        jobId: job.id,
        depth: job.depth,
      }),
      stdin: command.stdin,
      ...(command.stdin === "channel" ? { feeder: await dependencies.feeder?.() ?? [] } : {}),
    },
  };
}

function talkContext(
  job: Job,
  plan: TurnPlan<ApprovalPolicy>,
  directory: JobDirectory,
): TalkContext {
  const { cwd, policy, model, newSessionId, mcp, mcpServers = [], version } = plan;
  const { gitDirs, tempDirs, nestedRepositories, untrustedRoots, resultSchema, ownGitDir } = plan;
  return {
    sessionId: plan.sessionId,
    sessionUsage: job.session_id === null ? null : readPreviousOutcome(directory, job)?.session_usage ?? null,
    startedAt: job.state.status === "running" ? job.state.since : job.created_at,
    ...{ cwd, policy, model, newSessionId, mcp, mcpServers, version },
    ...{ gitDirs, tempDirs, nestedRepositories, untrustedRoots },
    ...(resultSchema === undefined ? {} : { resultSchema }),
    ...(ownGitDir === undefined ? {} : { ownGitDir }),
  };
}

/** Whether the agent may write in its directory, and nowhere else by itself. */
function isSandboxed(policy: ApprovalPolicy): boolean {
  return policy === "auto-edit" || policy === "ask";
}

/** Directories for temporary files, which sandboxes let an agent write in. */
function tempDirs(env: Readonly<Record<string, string>>): string[] {
  const paths = ["/tmp", env.TMPDIR ?? ""].filter((path) => path.startsWith("/"));
  return paths.flatMap((path) => ifOurs(() => Deno.realPathSync(path)) ?? []);
}

function unable(message: string, hint: string): Prepared {
  return { ok: false, failure: { reason: "spawn_failed", message, hint, retry_at: null } };
}
