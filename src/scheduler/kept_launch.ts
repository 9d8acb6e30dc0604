/**
 * Room `scheduler`: a launch whose commit failed, and may be in the store all the same.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";
import { isJobIn } from "../domain/job/job.ts";
import type { JobStore } from "../store/job_store.ts";
import type { Supervisor } from "./supervisor.ts";

/** Begins the turn if its launch was kept: rounds launch only what is pending. Throws as long as nobody can tell. */
export async function adoptKept(
  id: JobId,
  { options: { store }, supervisor }: {
    options: { store: JobStore };
    supervisor: Pick<Supervisor, "adopt" | "preparations">;
  },
): Promise<void> {
  // By the time that this is known, what was prepared for the launch may be out of date.
  supervisor.preparations.forget(id);
  await store.settle();
  const job = await store.get(id);
  if (job !== null && isJobIn(job, "running")) await supervisor.adopt(job);
}
