/**
 * Room `domain`: a stand-in for a job record that this version cannot read. The job is listed as unreadable. The record
 * itself is never changed, so that the version that wrote it can still read it.
 *
 * @module
 */
import type * as z from "zod";
import { AgentAsyncError } from "../errors.ts";
import type { EpochMs, JobId } from "./ids.ts";
import { Job } from "./job.ts";
import { opened } from "../reading/opened.ts";

/**
 * The status of a stand-in. The scheduler never sees it. It is stored only for a job whose one record, the file in its
 * directory, cannot be read when the store is rebuilt.
 */
export const UNREADABLE = "unreadable";

export const UNREADABLE_HINT =
  "Its directory is kept as it is. A later version of agent-async may have written it: `agent-async update` " +
  "brings the newest one.";

export function isUnreadable(job: Job): boolean {
  const status: string = job.state.status;
  return status === UNREADABLE;
}

/**
 * Refuses to act on a stand-in: its members are defaults where nothing is known.
 *
 * @param doing what is refused, such as `reply to`
 * @throws {AgentAsyncError} `conflict` when the record of the job cannot be read
 */
export function requireReadable(job: Job, doing: string): void {
  if (!isUnreadable(job)) return;
  const message = `Cannot ${doing} job ${job.id}: its record cannot be read`;
  throw new AgentAsyncError("conflict", message, { hint: UNREADABLE_HINT });
}

/** What is wrong with a record, in one clause. */
export function faultOf(error: z.ZodError): string {
  const fault = error.issues[0];
  const where = fault === undefined ? "" : `: ${[...fault.path.map(String), fault.message].join(": ")}`;
  return `its record cannot be read${where}`;
}

/** Most characters of a member's JSON that are kept: a stand-in must fit the store, whatever is in the record. */
const MAX_FIELD_CHARS = 1_000;

/**
 * A job with the members that could be read, defaults for the others, and the status {@link UNREADABLE}.
 *
 * @param fault what is wrong with the record, in one clause
 */
export function unreadableJob(id: JobId, record: unknown, fault: string): Job {
  const found: Record<string, unknown> = typeof record === "object" ? { ...record } : {};
  const fields = Object.entries(Job.shape).map(([key, schema]) => {
    const field = opened(schema).safeParse(found[key]);
    const isShort = (JSON.stringify(found[key]) ?? "").length <= MAX_FIELD_CHARS;
    return field.success && isShort ? [[key, field.data]] : [];
  }).flat();
  return { ...NOTHING_KNOWN, ...Object.fromEntries(fields), id, state: stateOf(fault) };
}

/** A state with a status that the type does not have, so it is parsed like one of a later version. */
function stateOf(fault: string): Job["state"] {
  const state: unknown = {
    status: UNREADABLE,
    error: `Cannot show the job: ${fault}`,
    hint: UNREADABLE_HINT,
  };
  return opened(Job.shape.state).parse(state);
}

const LONG_AGO: EpochMs = 0;

const NOTHING_KNOWN: Omit<Job, "id" | "state"> = {
  number: 0,
  agent: "unknown",
  cwd: "/",
  tree: { kind: "plain", root: "/" },
  prompt: "",
  approval_policy: "suggest",
  priority: 0,
  after: [],
  fallback: [],
  retry_on_limit: false,
  limit_retries: 0,
  parent: null,
  depth: 1,
  request_key: null,
  created_at: LONG_AGO,
  started_at: null,
  turn: 1,
  previous_turn: null,
  last_turn: 1,
  queue: [],
  session_id: null,
  summary: null,
};
