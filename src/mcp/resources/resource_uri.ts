/**
 * Room `mcp`: the addresses of resources: `job://` lists jobs, `job://ID` is a job, with `/output` and `/events` below.
 *
 * @module
 */
import { JOB_ID_FORM } from "../../domain/job/job_id_form.ts";

export type JobResource =
  | { kind: "list" }
  | { kind: "job" | "output" | "events"; jobId: string };

export const LIST_URI = "job://";

/** `null` for an address that is none of ours. Case does not matter, since hosts change it. */
export function readResourceUri(uri: string): JobResource | null {
  const match = /^job:\/\/(?:([^/?#]+)(?:\/(output|events))?)?\/?$/.exec(uri.toLowerCase());
  if (match === null) return null;
  const [, id, part] = match;
  if (id === undefined) return { kind: "list" };
  if (!JOB_ID_FORM.test(id)) return null;
  return { kind: part === "output" || part === "events" ? part : "job", jobId: id };
}
