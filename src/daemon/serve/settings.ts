/**
 * Room `daemon`: the configuration as scheduler and service take it, read anew for each use.
 *
 * @module
 */
import type { ConfigSource } from "../../config/config_source.ts";
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

/** @throws {AgentAsyncError} `config_invalid`: what a broken configuration would have forbidden is not begun. */
export function settingsOf(source: ConfigSource) {
  const problem = source.problem();
  if (problem !== null) throw problem;
  const config = source.current();
  return {
    defaultPolicy: cappedPolicy(config.default_approval_policy, config.max_approval_policy),
    maxPolicy: config.max_approval_policy,
    allowedRoots: config.allowed_roots,
    maxRuntimeSeconds: config.timeouts.max_runtime_seconds,
    total: config.limits.total,
    depth: config.limits.depth,
    projects: config.projects,
    isolation: config.default_isolation,
  };
}
