/**
 * Room `scheduler`: from an accepted turn to the command line that runs it. Everything is looked up afresh: an agent
 * may have been installed, a directory removed since the job was accepted.
 *
 * @module
 */
import type { AgentCatalog } from "../../agents/detection/catalog.ts";
import type { AgentDriver } from "../../agents/driver.ts";
import { ARGUMENT_WORD_RULE, asArgument, isArgumentWord } from "../../domain/agent/argument_word.ts";
import type { EventBody } from "../../domain/event/event.ts";
import type { Job } from "../../domain/job/job.ts";
import { replayPrompt } from "../../domain/turn/replay.ts";
import type { Failure, TurnRequest } from "../../domain/turn/turn.ts";
import { readEvents } from "../../kernel/events/event_reader.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { LaunchOptions } from "../../kernel/launch.ts";
import type { IdSource } from "../../system/ids.ts";
import { ensurePrivateDirectory, ifExists, ifOurs, writeAtomically } from "../../system/files/files.ts";
import { nestedRepositories } from "../../system/files/nested_repositories.ts";
import { PathSearch } from "../../system/files/path_search.ts";
import { findWorkTree } from "../../system/files/work_tree.ts";
import type { NewTurn } from "./accepted_turn.ts";
import { agentEnvironment } from "./agent_environment.ts";
import { projectRefusal, untrustedRoots } from "./project_files.ts";
import { gitGuard } from "./git_guard.ts";
import { readMemories, readRulesForOthers, withRules } from "./project_rules.ts";
import { readAsked, readOutcome, readRules, wrapPrompt, writeRules } from "./files.ts";

/** Characters that a replayed conversation and the new prompt may have together. */
const REPLAY_CHARS = 900_000;

export interface LaunchDependencies {
  catalog: AgentCatalog;
  ids: IdSource;
  isRoot: boolean;
}

export type Prepared = { ok: true; launch: LaunchOptions; driver: AgentDriver } | {
  ok: false;
  failure: Failure;
};

/** Never throws for what a user can cause: that is a `spawn_failed` with a hint. */
export async function prepareLaunch(
  job: Job,
  { request, prompt: asked, env: host }: NewTurn,
  directory: JobDirectory,
  dependencies: LaunchDependencies,
): Promise<Prepared> {
  const { catalog, ids } = dependencies;
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
  if (!catalog.canKeep(job.agent, job.approval_policy)) {
    return unable(
      `${driver.title} cannot be held to ${job.approval_policy}`,
      `Give agents.${job.agent}.policy_args a list for it, or start the job again with another policy.`,
    );
  }
  const tree = await findWorkTree(job.cwd).catch(() => null);
  if (tree === null || tree.root !== job.tree.root) {
    return unable(
      tree === null
        ? `${job.cwd} is not a directory any more`
        : `${job.cwd} leads to another place than when the job was accepted`,
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
  const settings = catalog.settings(job.agent);
  const model = request.model ?? settings.model ?? null;
  if (model !== null && !isArgumentWord(model)) {
    return unable(
      `The model ${JSON.stringify(model)} ${ARGUMENT_WORD_RULE}`,
      "Start the job again with another one.",
    );
  }
  const mcp = settings.mcp ?? "none";
  const isHeld = job.approval_policy !== "full-auto";
  const refusal = isHeld
    ? projectRefusal(driver, { cwd: job.cwd, top: tree.root, mcp, env: { ...host, ...settings.env } })
    : null;
  if (refusal !== null) return unable(refusal.message, refusal.hint);
  const untrusted = isHeld ? untrustedRoots(driver, { cwd: job.cwd, tree }) : [];
  makeDirectory(turn.scratchPath);
  const full = await fullPrompt(job, { request, directory, driver, asked, untrustedRoots: untrusted });
  const prompt = driver.guardPrompt?.(full, new PathSearch(job.cwd)) ?? full;
  wrapPrompt(turn, asked, prompt);
  const command = driver.command({
    executable: found.executable,
    version: found.version,
    cwd: job.cwd,
    policy: job.approval_policy,
    model,
    sessionId: driver.replaysConversation === true ? null : job.session_id,
    newSessionId: ids.uuid(),
    gitDirs: tree.gitDirs,
    nestedRepositories: driver.protectsNestedRepositories === true && job.approval_policy === "auto-edit"
      ? nestedRepositories(job.cwd)
      : [],
    untrustedRoots: untrusted,
    tempDirs: tempDirs(host),
    promptFile: turn.promptFile,
    scratchDir: turn.scratchPath,
    extraArgs: settings.args ?? [],
    mcp,
    ...(mcp === "none"
      // The servers of a project that does not count cannot be switched off by name: they are not there.
      ? {
        mcpServers: await catalog.mcpServers(job.agent, {
          env: host,
          cwd: untrusted.length === 0 ? job.cwd : "/",
        }),
      }
      : {}),
    isRoot: dependencies.isRoot,
  });
  for (const [name, text] of Object.entries(command.files ?? {})) {
    writeAtomically(`${turn.scratchPath}/${name}`, text);
  }
  const args = [...command.args];
  if (command.promptAsArgument !== undefined) {
    args[command.promptAsArgument] = asArgument(prompt);
  }
  return {
    ok: true,
    driver,
    launch: {
      turn,
      executable: found.executable,
      args,
      cwd: job.cwd,
      env: agentEnvironment({
        host,
        configured: settings.env ?? {},
        driver: command.env,
        git: isHeld ? gitGuard(tree, { home: settings.env?.HOME ?? host.HOME }) : [],
        jobId: job.id,
        depth: job.depth,
      }),
      stdin: command.stdin,
    },
  };
}

/** Where sandboxes let an agent keep temporary files. */
function tempDirs(env: Readonly<Record<string, string>>): string[] {
  const paths = ["/tmp", env.TMPDIR ?? ""].filter((path) => path.startsWith("/"));
  return paths.flatMap((path) => ifOurs(() => Deno.realPathSync(path)) ?? []);
}

/** Whatever the agent of an earlier turn has put in its place goes: the turn could never be launched. */
function makeDirectory(path: string): void {
  const info = ifExists(() => Deno.lstatSync(path));
  const uid = Deno.build.os === "windows" ? null : Deno.uid();
  // The directory that it is in is ours, and so is what becomes of its name.
  const isForeign = info !== null && uid !== null && info.uid !== null && info.uid !== uid;
  if (isForeign || info?.isDirectory === false) Deno.removeSync(path, { recursive: true });
  ensurePrivateDirectory(path);
}

interface Asking {
  request: TurnRequest;
  directory: JobDirectory;
  driver: AgentDriver;
  asked: string;
  untrustedRoots: readonly string[];
}

/** What is asked, with what the agent cannot know: the project's rules, and a conversation that it does not keep. */
async function fullPrompt(job: Job, asking: Asking): Promise<string> {
  const { request, directory, driver, asked } = asking;
  const rules = newRules(job, asking);
  const replays = driver.replaysConversation === true;
  const isInterrupted = request.origin === "retry" && (replays || job.session_id !== null);
  const note = job.tree.kind === "git" ? driver.promptNote?.(asked, job.approval_policy) ?? null : null;
  const noted = note === null ? asked : `${asked}\n\n${note}`;
  const prompt = isInterrupted ? goOn(noted) : noted;
  return withRules(replays ? await replayed(job, directory, prompt) : prompt, rules);
}

/** The project's rules and memories; "" when the session that goes on has been told of the same ones. */
function newRules(job: Job, { directory, driver, untrustedRoots }: Asking): string {
  const memories = driver.memoriesLeftOut?.({ policy: job.approval_policy, untrustedRoots }) ?? null;
  const rules = [
    memories === null ? "" : readMemories(job.cwd, { top: job.tree.root, memories }),
    readRulesForOthers(job.cwd, driver.name),
  ].filter((text) => text !== "").join("\n");
  writeRules(directory.turn(job.turn), rules);
  const isKnown = job.session_id !== null && job.previous_turn !== null &&
    readRules(directory.turn(job.previous_turn)) === rules;
  return isKnown ? "" : rules;
}

/**
 * The conversation of all earlier turns, then what is asked now. Turns of another agent are left out: this one takes
 * over only where nothing was done, and is asked the same again.
 */
async function replayed(job: Job, directory: JobDirectory, asked: string): Promise<string> {
  if (job.previous_turn === null) return asked;
  const earlier = directory.turns().filter((turn) =>
    turn !== job.turn && readOutcome(directory.turn(turn))?.agent === job.agent
  );
  const events = new Map<number, EventBody[]>(earlier.map((turn) => [turn, []]));
  let cursor = 0;
  for (let more = true; more;) {
    const page = await readEvents(directory, {
      after: cursor,
      limit: 500,
      truncate: 20_000,
      maxChars: 10_000_000,
    });
    for (const event of page.events) events.get(event.turn)?.push(event);
    ({ cursor, more } = page);
  }
  const turns = [...events].map(([turn, bodies]) => ({
    prompt: readAsked(directory.turn(turn)),
    events: bodies,
  }));
  return replayPrompt(turns, asked, REPLAY_CHARS);
}

/** After a usage limit the session knows the task already: it must not be done a second time from the start. */
function goOn(asked: string): string {
  return `A usage limit interrupted you and has ended. Go on where you stopped with this task:\n\n${asked}`;
}

function unable(message: string, hint: string): Prepared {
  return { ok: false, failure: { reason: "spawn_failed", message, hint, retry_at: null } };
}
