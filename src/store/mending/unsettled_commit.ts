/**
 * Room `store`: a commit of which nobody can tell what became of it. Where the disk fails while the journal is synced, its
 * last bytes may be there all the same, and the next daemon finds them; only a further commit, which is written over them,
 * settles it.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { pause } from "../../system/pause.ts";
import { SCHEMA_VERSION, writeSchemaVersion } from "../database/migrations.ts";

/** Tries to settle a failed commit at once, and ms between them. */
const TRIES = 3;
const TRY_MS = 100;

/** SQLite's words for a failed write or sync; a full disk is told before the commit's own mark is written. */
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

/** Writes something that changes nothing; when it succeeds, what is read afterwards is what is kept. */
export async function settle(kv: Deno.Kv): Promise<void> {
  await writeSchemaVersion(kv, SCHEMA_VERSION);
}

/**
 * To be called after a commit that failed.
 *
 * @throws what it failed with, when that tells that it was not kept; {@link UnsettledCommit} when that cannot be learned
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
