/**
 * Room `domain`: a stand-in for a job record that this version cannot read. The job is listed as unreadable. Its record
 * is never changed, so that the version that wrote it can still read it.
 *
 * @module
 */
import type * as z from "zod";
import type { EpochMs, JobId } from "./ids.ts";
import { Job } from "./job.ts";
import { opened } from "../reading/opened.ts";

/** A status for display only: it is never stored, and lists by status and the scheduler never see it. */
export const UNREADABLE = "unreadable";

export const UNREADABLE_HINT =
  "A later version of agent-async may have written it: `agent-async update` brings the newest one.";

/** What is wrong with a record, in one clause. */
export function faultOf(error: z.ZodError): string {
  const fault = error.issues[0];
  const where = fault === undefined ? "" : `: ${[...fault.path.map(String), fault.message].join(": ")}`;
  return `its record cannot be read${where}`;
}

/** A job with the members that could be read, defaults for the others, and the status {@link UNREADABLE}. */
export function unreadableJob(id: JobId, record: unknown, error: z.ZodError): Job {
  const found: Record<string, unknown> = typeof record === "object" ? { ...record } : {};
  const fields = Object.entries(Job.shape).map(([key, schema]) => {
    const field = opened(schema).safeParse(found[key]);
    return field.success ? [[key, field.data]] : [];
  }).flat();
  return { ...NOTHING_KNOWN, ...Object.fromEntries(fields), id, state: stateOf(faultOf(error)) };
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
