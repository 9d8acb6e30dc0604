/**
 * Room `service`, part of `LocalService`: from an accepted start to a durable job. What was written for a start that the
 * store then refuses is taken back.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { JOB_ID_ALPHABET, JOB_ID_LENGTH } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import type { NewTurn } from "../../scheduler/turn/accepted_turn.ts";
import { writeTurn } from "../../scheduler/turn/files.ts";
import type { NewJob } from "../../store/job_store.ts";
import { randomId } from "../../system/ids.ts";
import type { StartRequest } from "../requests.ts";
import type { LocalDependencies } from "./dependencies.ts";
import { afterFailure, takeBackStart } from "./refused.ts";

/** Ids drawn before giving up; one collision among 100,000 jobs has a chance of 1 in 10 million. */
const ID_TRIES = 5;

/** A start that was checked. */
export interface AcceptedStart {
  request: StartRequest;
  prompt: string;
  policy: ApprovalPolicy;
  timeoutSeconds: number;
}

/** Writes everything down, and then makes the job known. Draws ids until one is free. */
export async function createJob(
  job: Omit<NewJob, "id">,
  accepted: AcceptedStart,
  dependencies: LocalDependencies,
): Promise<Job> {
  const { store, directories, scheduler } = dependencies;
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
          result_schema: request.result_schema,
          start: {
            agent: request.agent,
            fallback: job.fallback,
            context_files: request.context_files ?? [],
            prompt_chars: request.prompt.length,
            isolation: request.isolation,
            with_changes: request.with_changes,
            max_cost_usd: request.max_cost_usd,
            max_tokens: request.max_tokens,
            check: request.check,
            check_attempts: request.check_attempts,
          },
        },
        prompt: accepted.prompt,
        env: request.origin.env,
      };
      // Written without the job's record: a directory without one tells the next daemon that its start was never accepted.
      const seal = await writeTurn(directory, turn, { isFirst: true });
      const whole = { ...job, id, seals: { 1: seal } };
      result = await scheduler.atOnce.accept(whole, turn, (begin) => store.create(whole, begin));
    } catch (error) {
      const isThere = async () => await store.get(id) !== null;
      const look = `If it was, it is job ${id}: see job_poll in a moment.`;
      throw await afterFailure(error, { jobId: id, isThere, takeBack, look }, dependencies);
    }
    if (!result.created) await takeBack();
    return result.job;
  }
}
