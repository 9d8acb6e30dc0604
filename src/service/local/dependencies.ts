/**
 * Room `service`, part of `LocalService`: what all its parts work with.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Job } from "../../domain/job/job.ts";
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import type { Retention } from "../../scheduler/upkeep/retention.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import type { Projects } from "./projects.ts";
import type { GuardedPlace } from "./check_guarded_places.ts";
import type { CallOptions } from "../call.ts";

/** What the configuration says, read anew for each call. */
export interface ServiceSettings {
  /** The policy of a start that names none; never more than `maxPolicy`. */
  defaultPolicy: ApprovalPolicy;
  maxPolicy: ApprovalPolicy;
  /** Lists of directories, of each of which one must contain where a job works; none allows all. */
  allowedRoots: readonly (readonly string[])[];
  maxRuntimeSeconds: number;
  total: number;
  depth: number;
  projects: Projects;
  isolation: "none" | "worktree";
}

export interface LocalDependencies {
  store: JobStore;
  scheduler: Scheduler;
  directories: Scheduler["options"]["directories"];
  /** What a start is measured by that a host with this environment asks for. @throws {AgentAsyncError} `config_invalid`. */
  settings: (callerEnv?: Readonly<Record<string, string>>) => ServiceSettings;
  /** As the configuration could last be used: for who only looks. */
  limits: () => Pick<ServiceSettings, "total" | "depth">;
  /** Who may answer an agent's questions; only people where the configuration cannot be read. */
  answeredBy: () => "anyone" | "person";
  /** The directories in which no job below `full-auto` works, for a host with this environment. */
  guardedPlaces: (env: Readonly<Record<string, string>>) => readonly GuardedPlace[];
  clock: Clock;
  retention: Retention;
  /** A sentence about the store for people who list jobs, such as that it was rebuilt; `null` for none. */
  notice?: () => string | null;
}

/** @throws {AgentAsyncError} `not_found`. */
export async function findJobOrThrow(store: JobStore, id: string): Promise<Job> {
  const job = await store.get(id);
  if (job !== null) return job;
  throw new AgentAsyncError("not_found", `There is no job ${id}`, {
    hint: "See the jobs there are with job_list; finished ones are pruned after a while.",
  });
}

/** @throws {AgentAsyncError} `cancelled`. */
export function throwIfGivenUp(options: CallOptions): void {
  if (options.signal?.aborted === true) throw new AgentAsyncError("cancelled", "The call was given up");
}
