/**
 * Room `scheduler`: makes the place of an isolated job before its first turn, and sets it up with the user's own command.
 * The setup is a run of its own under the turn's wrapper: a later daemon goes on with it.
 *
 * @module
 */
import { join } from "node:path";
import { AgentAsyncError } from "../../../domain/errors.ts";
import { isJobIn, type Job } from "../../../domain/job/job.ts";
import type { Failure } from "../../../domain/turn/turn.ts";
import { terminate } from "../../../kernel/end/terminate.ts";
import type { JobDirectory } from "../../../kernel/job_directory.ts";
import type { TurnDirectory } from "../../../kernel/turn_directory.ts";
import { GitFailure } from "../../../places/git/git_failure.ts";
import { makePlace } from "../../../places/isolation/make_place.ts";
import { readPlace } from "../../../places/isolation/place.ts";
import type { PlacesHome } from "../../../places/places_home.ts";
import type { JobStore } from "../../../store/job_store.ts";
import type { Clock } from "../../../system/clock.ts";
import { ifOurs, PRIVATE_FILE_MODE } from "../../../system/files/files.ts";
import type { Processes } from "../../../system/processes/processes.ts";
import type { NewTurn } from "../accepted_turn.ts";
import { agentEnvironment } from "../agent_environment.ts";
import { checkCommand } from "../check/check_command.ts";
import { type CheckEnd, runCheck } from "../check/check_run.ts";
import type { Limits } from "../../limits.ts";
import { isIsolated, whereOf } from "../where.ts";

export interface PlaceDependencies {
  readonly places?: PlacesHome;
  readonly store: JobStore;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly limits: () => Limits;
  /** Whether the daemon leaves. */
  readonly isClosed: () => boolean;
}

/** Lines of a failing setup's output in the job's error. */
const ERROR_LINES = 20;

/** Ms between two looks whether the job was stopped meanwhile. */
const STOP_LOOK_MS = 500;

export type PreparedPlace =
  | { readonly kind: "ready" }
  /** The daemon leaves, or the job was stopped meanwhile. */
  | { readonly kind: "left" }
  | { readonly kind: "failed"; readonly failure: Failure };

const READY: PreparedPlace = { kind: "ready" };

/** Does nothing for a job that works in the caller's directory, and for one whose place is ready. */
export async function preparePlace(
  job: Job,
  { request, env }: NewTurn,
  directory: JobDirectory,
  dependencies: PlaceDependencies,
): Promise<PreparedPlace> {
  const { places } = dependencies;
  const files = directory.turn(job.turn);
  if (!isIsolated(job)) return READY;
  if (places === undefined) return failed("spawn_failed", "No places are made here", null);
  if (readPlace(places, job.id) === null) {
    if (job.previous_turn !== null) {
      return failed(
        "spawn_failed",
        "The place that the job worked in was discarded",
        "Start a new job instead.",
      );
    }
    try {
      await places.gate.use(() =>
        makePlace(places, { job: job.id, cwd: job.cwd, from: job.place_from ?? "head" })
      );
    } catch (error) {
      if (error instanceof AgentAsyncError) return failed("spawn_failed", error.message, error.hint ?? null);
      if (error instanceof GitFailure) return failed("spawn_failed", error.message, null);
      throw error;
    }
  }
  if (job.setup === undefined || isSetUp(files)) return READY;
  const timeoutMs = request.timeout_seconds * 1000;
  return await setUp(job, job.setup, { files, env, timeoutMs }, dependencies);
}

async function setUp(
  job: Job,
  command: string,
  { files, env: host, timeoutMs }: { files: TurnDirectory; env: NewTurn["env"]; timeoutMs: number },
  { places, store, processes, clock, limits, isClosed }: PlaceDependencies,
): Promise<PreparedPlace> {
  const where = whereOf(job, places);
  const env = agentEnvironment({
    host,
    configured: where.variables,
    driver: {},
    git: [],
    jobId: job.id,
    depth: job.depth,
  });
  const run = await checkCommand({ command, attempts: 0 }, { cwd: where.cwd, env, catalog: undefined });
  if (!run.ok) return failed("setup_failed", run.why, null);
  const stop = new AbortController();
  let isStopped = false;
  const look = setInterval(async () => {
    const now = await store.get(job.id).catch(() => null);
    isStopped ||= now !== null && isJobIn(now, "running") && now.state.stop !== null;
    if (isStopped || isClosed()) stop.abort();
  }, STOP_LOOK_MS);
  let end: CheckEnd | null;
  try {
    end = await runCheck({
      jobId: job.id,
      files: files.check(0),
      check: { command, attempts: 0 },
      command: run,
      limitMs: timeoutMs,
      limitBytes: limits().outputBytes,
      processes,
      clock,
      signal: stop.signal,
      youth: () => null,
      onProcess: () => {},
    });
  } finally {
    clearInterval(look);
  }
  if (end === null) {
    if (isStopped) {
      await terminate({ turn: files.check(0), jobId: job.id, gracefulSignal: "SIGTERM", processes });
    }
    return { kind: "left" };
  }
  if (end.kind === "exited" && end.exitCode === 0) {
    Deno.openSync(markOf(files), { write: true, create: true, mode: PRIVATE_FILE_MODE }).close();
    return READY;
  }
  const tail = end.tail.trimEnd().split("\n").slice(-ERROR_LINES).join("\n");
  const how = end.kind === "exited" ? `failed with exit code ${end.exitCode}` : `was ended (${end.kind})`;
  return failed(
    "setup_failed",
    `The setup of the job's place, ${JSON.stringify(command)}, ${how}${tail === "" ? "" : `:\n${tail}`}`,
    "Correct projects.<directory>.setup in config.json, then start the job again.",
  );
}

function markOf(files: TurnDirectory): string {
  return join(files.path, "set_up");
}

/** Only a job's first turn is set up. */
function isSetUp(files: TurnDirectory): boolean {
  return files.turn > 1 || ifOurs(() => Deno.lstatSync(markOf(files))) !== null;
}

function failed(reason: Failure["reason"], message: string, hint: string | null): PreparedPlace {
  return { kind: "failed", failure: { reason, message, hint, retry_at: null } };
}
