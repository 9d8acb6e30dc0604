/**
 * Room `store`: settles commits with an unknown outcome. When the disk fails while the journal is synced, the commit
 * may be in the journal all the same, and the next daemon would find it there. Only a further commit, which overwrites
 * the end of the journal, settles the outcome.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { pause } from "../../system/pause.ts";
import { SCHEMA_VERSION, writeSchemaVersion } from "../database/migrations.ts";

/** Attempts to settle a failed commit, and ms between two of them. */
const TRIES = 3;
const TRY_MS = 100;

/**
 * SQLite's messages for a failed write or sync. A full disk is not among them: it is reported before the commit is
 * marked as complete.
 */
const UNSETTLED = /disk I\/O error|input\/output error/i;

export class UnsettledCommit extends AgentAsyncError {
  constructor(cause: Error) {
    super(
      "disk_fault",
      `Nobody can tell whether this was kept: the disk failed while it was written down (EIO): ${cause.message}.`,
      { hint: "Look at the disk and its mount (`dmesg` says more), then look whether it is there.", cause },
    );
  }
}

/**
 * Writes the current schema version again. Once that succeeds, reads show what the database has really kept.
 */
export async function settle(kv: Deno.Kv): Promise<void> {
  await writeSchemaVersion(kv, SCHEMA_VERSION);
}

/**
 * Must be called after a commit that threw. Resolves when the outcome is settled: a read then shows whether the commit
 * was kept.
 *
 * @throws the given error, when it means that the commit was not kept; {@link UnsettledCommit} when the disk keeps
 * failing
 */
export async function settleAfter(error: unknown, kv: Deno.Kv): Promise<void> {
  if (!(error instanceof Error) || !UNSETTLED.test(error.message)) throw error;
  for (let nth = 1;; nth += 1) {
    try {
      return await settle(kv);
    } catch {
      if (nth === TRIES) throw new UnsettledCommit(error);
      await pause(TRY_MS);
    }
  }
}
