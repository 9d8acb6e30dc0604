/**
 * Room `mcp`: `job_id` and `job_ids`, which models mix up. Whichever a call gives, its tool's own gets it; one that is
 * given and names no job is refused, since the answer would be about another job.
 *
 * @module
 */
import { invalidArgument } from "../../../domain/errors.ts";
import { readGenerously } from "./generous_value.ts";

const ID_LIST = { type: "array", items: { type: "string" } };

/** @throws {AgentAsyncError} `invalid_argument` for ids that are given but empty, or more than the tool takes. */
export function withJobIds(
  raw: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const takesOne = Object.hasOwn(properties, "job_id");
  const takesSeveral = Object.hasOwn(properties, "job_ids");
  const { job_id, job_ids, ...others } = raw;
  if (!takesOne && !takesSeveral) return { ...raw };
  if (takesSeveral) {
    const ids = unique([...idsOf(job_id), ...idsOf(job_ids)]);
    const isGiven = isThere(job_id) || isThere(job_ids);
    if (isGiven && ids.length === 0) {
      throw invalidArgument("job_ids", "must not be empty: leave it out to wait for any job");
    }
    return isGiven ? { ...others, job_ids: ids } : others;
  }
  if (!isThere(job_ids)) return { ...raw };
  const ids = unique([...idsOf(job_id), ...idsOf(job_ids)]);
  if (ids.length > 1) throw invalidArgument("job_ids", "this tool takes one job: give its job_id");
  return { ...others, ...(ids.length === 0 ? {} : { job_id: ids[0] }) };
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function idsOf(value: unknown): unknown[] {
  if (!isThere(value)) return [];
  const list = readGenerously("job_ids", value, ID_LIST).value;
  return Array.isArray(list) ? list : [list];
}

/** By what the ids mean: case and blanks do not tell two jobs apart. */
function unique(ids: readonly unknown[]): unknown[] {
  return [...new Set(ids.map((id) => typeof id === "string" ? id.trim().toLowerCase() : id))];
}
