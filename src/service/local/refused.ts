/**
 * Room `service`, part of `LocalService`: what becomes of a turn's files when the turn was not accepted, or nobody can
 * tell whether it was. Rule of this file: a refusal leaves no keys and no directory behind; what cannot be removed now is
 * removed later.
 *
 * @module
 */
import { adoptKept } from "../../scheduler/kept_launch.ts";
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import { removeEnvironment, removeTurn } from "../../scheduler/turn/files.ts";
import { UnsettledCommit } from "../../store/mending/unsettled_commit.ts";
import type { LocalDependencies } from "./dependencies.ts";

type JobDirectory = ReturnType<LocalDependencies["directories"]["job"]>;

/** Takes away all of a job that was not accepted; what cannot be taken away now is tried again. */
export async function takeBackStart(
  directory: JobDirectory,
  { scheduler }: LocalDependencies,
): Promise<void> {
  // The file with the keys goes last: after a crash in between, it leads the next daemon to what is left.
  const takeBack = async () => {
    try {
      await directory.remove();
    } finally {
      await removeEnvironment(directory.turn(1));
    }
  };
  await takeBack().catch(() =>
    scheduler.keepTrying("take back a start that was refused", takeBack, directory.id)
  );
}

/** Takes away the files of a reply that was not accepted; what cannot be taken away now is tried again. */
export async function takeBackReply(
  directory: JobDirectory,
  turn: number,
  { scheduler }: LocalDependencies,
): Promise<void> {
  const takeBack = async () => {
    await removeEnvironment(directory.turn(turn));
    await removeTurn(directory.turn(turn));
  };
  await takeBack().catch(() =>
    scheduler.keepTrying("take back a reply that was refused", takeBack, directory.id)
  );
}

/**
 * What follows a start or a reply that failed: its files go, unless nobody can tell whether the store has it. Then they
 * stay until that is known, which is tried until the daemon leaves; the next one sees it at its start.
 *
 * @param turn.isThere whether the store has the turn
 * @returns the error for the caller
 */
export async function afterFailure(
  error: unknown,
  turn: { jobId: string; isThere: () => Promise<boolean>; takeBack: () => Promise<void>; look: string },
  { store, scheduler }: LocalDependencies,
): Promise<unknown> {
  if (!(error instanceof UnsettledCommit)) {
    await turn.takeBack();
    return error;
  }
  scheduler.keepTrying("learn what became of a failed commit", async () => {
    await store.settle();
    if (!await turn.isThere()) return await turn.takeBack();
    await adoptKept(turn.jobId, scheduler);
    await scheduler.reconcile();
  }, turn.jobId);
  return new AgentAsyncError("disk_fault", `${messageOf(error)} ${turn.look}`, {
    hint: "Do not send it anew before that: the same call with the same request_key never runs it twice.",
    cause: error,
  });
}
