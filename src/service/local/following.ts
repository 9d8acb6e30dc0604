/**
 * Room `service`, part of `LocalService`: waiting until there is something to tell. A wait listens first and looks
 * then, so that it misses nothing that happens in between.
 *
 * @module
 */
import { isoTime } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { ANY_JOB } from "../../scheduler/listeners.ts";
import { Bell } from "../../system/bell.ts";
import { Deadline } from "../../system/deadline.ts";
import { immediate } from "../../system/pause.ts";
import type { CallOptions } from "../call.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import { findJobOrThrow, type LocalDependencies, throwIfGivenUp } from "./dependencies.ts";

type Directory = ReturnType<LocalDependencies["directories"]["job"]>;

export interface Patience {
  seconds: number;
  clock: LocalDependencies["clock"];
  /** Rings the bell when something has changed, so that another look may find an answer, until disposed of. */
  listen: (bell: Bell) => Disposable;
  call: CallOptions;
}

/**
 * Looks, and looks again whenever something was heard, until there is an answer.
 *
 * @param look answers `null` while there is nothing to tell. The last look, when time is up, has to give an answer.
 * @throws {AgentAsyncError} `cancelled`; whatever `look` throws
 */
export async function untilThere<Found>(
  { seconds, clock, listen, call }: Patience,
  look: (when: { isLast: boolean }) => Promise<Found | null>,
): Promise<Found> {
  const deadline = clock.steady() + seconds * 1000;
  const bell = new Bell();
  using _listening = listen(bell);
  using late = new Deadline(seconds * 1000, bell.ring);
  if (call.signal?.aborted === true) bell.ring();
  call.signal?.addEventListener("abort", bell.ring, { once: true });
  try {
    for (;;) {
      const answer = await look({ isLast: late.isOver || clock.steady() >= deadline });
      if (answer !== null) return answer;
      await bell.heard();
      throwIfGivenUp(call);
    }
  } finally {
    call.signal?.removeEventListener("abort", bell.ring);
  }
}

/** Reads; while there is no news and the job goes on, waits and reads again until time is up. */
export async function followJob<Found>(
  wanted: { job_id: string; wait_seconds: number },
  { store, scheduler, clock, directories }: LocalDependencies,
  call: CallOptions,
  read: (job: Job, directory: Directory) => Promise<{ isNews: boolean; answer: Found }>,
): Promise<Found> {
  const { job_id: id, wait_seconds: seconds } = wanted;
  const listen = (bell: Bell) => scheduler.follow(id, bell);
  return await untilThere({ seconds, clock, listen, call }, async ({ isLast }) => {
    // The state is read first: of a job that has ended by then, all events are there to be read.
    const job = await findJobOrThrow(store, id);
    const { isNews, answer } = await read(job, directories.job(id));
    return isNews || isLast || isFinished(job.state.status) ? answer : null;
  });
}

/**
 * The feed after a cursor; while it has nothing new, waits and reads again until time is up. What wakes it wakes those who
 * wait for the job itself as well, and they are answered first.
 */
export async function followFeed(
  { cursor: after, limit, finished_only: finishedOnly, with_questions: withQuestions, wait_seconds: seconds }:
    CheckedRequest<"feed">,
  { store, scheduler, clock }: LocalDependencies,
  call: CallOptions,
): Promise<Answer<"feed">> {
  if (after === undefined) return { notifications: [], cursor: await store.feedHead() };
  const listen = (bell: Bell) => scheduler.listen([ANY_JOB], bell);
  let isWoken = false;
  return await untilThere({ seconds, clock, listen, call }, async ({ isLast }) => {
    if (isWoken) await immediate();
    isWoken = true;
    const { entries, cursor } = await store.feed(after, { limit, finishedOnly, withQuestions });
    if (entries.length === 0 && !isLast) return null;
    return { notifications: entries.map(({ at, ...entry }) => ({ ...entry, time: isoTime(at) })), cursor };
  });
}
