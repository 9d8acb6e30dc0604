/**
 * Room `daemon`: the configuration as scheduler and service take it, read anew for each use.
 *
 * @module
 */
import type { ConfigSource } from "../../config/config_source.ts";
import { resolveConfig } from "../../config/resolve_config.ts";
import type { Config } from "../../config/schema.ts";
import type { StatePaths } from "../../config/state_paths.ts";
import { cappedPolicy } from "../../domain/agent/policy.ts";
import type { Limits } from "../../scheduler/limits.ts";
import { sizeIfExists } from "../../system/files/files.ts";

/** Seconds that a question waits for its answer where a person can have seen it, and where none can. */
const QUESTION_SECONDS = { withPerson: 86_400, withoutPerson: 3_600 };

export function limitsOf(source: ConfigSource, paths: StatePaths): Limits {
  const config = source.current();
  return {
    // Pending jobs were accepted under a configuration that cannot be read now: none of them starts.
    total: source.isUsers ? config.limits.total : 0,
    depth: config.limits.depth,
    asking: config.limits.asking,
    questionSeconds: config.questions.timeout_seconds ?? defaultQuestionSeconds(config, paths),
    outputBytes: config.limits.output_bytes,
    stallSeconds: config.timeouts.stall_seconds,
    exitGraceSeconds: config.timeouts.exit_grace_seconds,
    dayUsd: config.budgets.day_usd,
    retentionDays: config.retention.days,
    retentionBytes: config.retention.bytes,
  };
}

function defaultQuestionSeconds({ on_question }: Config, { personFile }: StatePaths): number {
  const hasPerson = on_question !== null || sizeIfExists(personFile) !== null;
  return hasPerson ? QUESTION_SECONDS.withPerson : QUESTION_SECONDS.withoutPerson;
}

/**
 * What a start is measured by.
 *
 * @param callerEnv the environment of the host that asks. What it says of a start holds for its own starts, beside what
 * the configuration allows: a daemon knows only the variables that it was itself started with
 * @throws {AgentAsyncError} `config_invalid`: what a broken configuration would have forbidden is not begun.
 */
export function settingsOf(source: ConfigSource, callerEnv: Readonly<Record<string, string>> = {}) {
  const problem = source.problem();
  if (problem !== null) throw problem;
  const config = source.current();
  const { config: own, origins } = wordsOf(callerEnv);
  const maxPolicy = cappedPolicy(config.max_approval_policy, own.max_approval_policy);
  const defaults = origins.has("default_approval_policy") ? own : config;
  return {
    defaultPolicy: cappedPolicy(defaults.default_approval_policy, maxPolicy),
    maxPolicy,
    allowedRoots: [config.allowed_roots, own.allowed_roots].filter((roots) => roots.length > 0),
    maxRuntimeSeconds: config.timeouts.max_runtime_seconds,
    total: config.limits.total,
    depth: config.limits.depth,
    projects: config.projects,
    isolation: origins.has("default_isolation") ? own.default_isolation : config.default_isolation,
  };
}

/** What a host's environment can say of its own starts: what they may do, and where. */
const WORDS_ON_STARTS = [
  "default_approval_policy",
  "max_approval_policy",
  "allowed_roots",
  "default_isolation",
];

let nothingSaid: ReturnType<typeof resolveConfig> | null = null;

/** Most hosts say nothing; what that comes to is resolved once. */
function wordsOf(callerEnv: Readonly<Record<string, string>>): ReturnType<typeof resolveConfig> {
  const variables = WORDS_ON_STARTS.map((key) => `AGENT_ASYNC_${key.toUpperCase()}`);
  const env = Object.fromEntries(
    variables.flatMap((name) => callerEnv[name] === undefined ? [] : [[name, callerEnv[name]]]),
  );
  if (Object.keys(env).length > 0) return resolveConfig({ file: null, env });
  return nothingSaid ??= resolveConfig({ file: null, env });
}
