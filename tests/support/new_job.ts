/**
 * Test support: a job as the service would create it, with what a test cares about put over it.
 *
 * @module
 */
import type { NewJob } from "../../src/store/job_store.ts";
import { JOB_ID_ALPHABET } from "../../src/domain/job/ids.ts";

/** The `n`th job id: `00000001`, `00000002` ... in the alphabet of ids. */
export function jobId(n: number): string {
  let rest = n;
  let id = "";
  for (let place = 0; place < 8; place += 1) {
    id = (JOB_ID_ALPHABET[rest % 32] ?? "0") + id;
    rest = Math.floor(rest / 32);
  }
  return id;
}

export function newJob(over: Partial<NewJob> & { id: string }): NewJob {
  return {
    agent: "codex",
    cwd: "/tmp/project",
    tree: { kind: "git", root: "/tmp/project" },
    prompt: "Explain the build.",
    approval_policy: "auto-edit",
    priority: 0,
    after: [],
    fallback: [],
    retry_on_limit: false,
    limit_retries: 0,
    parent: null,
    depth: 1,
    request_key: null,
    created_at: 1_767_225_600_000,
    started_at: null,
    turn: 1,
    previous_turn: null,
    last_turn: 1,
    queue: [],
    session_id: null,
    summary: null,
    state: { status: "pending", since: 1_767_225_600_000, not_before: null },
    ...over,
  };
}
