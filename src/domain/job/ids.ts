/**
 * Room `domain`: identifiers. Rule of the room: nothing here knows Deno, a clock or the file system.
 *
 * @module
 */
import * as z from "zod";
import { JOB_ID_FORM } from "./job_id_form.ts";

/** Crockford's base32 alphabet in lower case. It leaves out `i`, `l`, `o` and `u`, which are easily confused. */
export const JOB_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** Characters in a job id. They hold 40 bits: among 100,000 jobs two ids collide with a chance of 1 in 200. */
export const JOB_ID_LENGTH = 8;

export const JobId = z.string().regex(
  JOB_ID_FORM,
  "a job id is 8 characters of 0-9 and a-z without i, l, o, u",
);
export type JobId = z.infer<typeof JobId>;

/** Name of an agent, built in or from the configuration. It must be fit to be part of a tool's name. */
export const AgentName = z.string().regex(
  /^[a-z][a-z0-9_-]{0,31}$/,
  "an agent's name is 1 to 32 characters of a-z, 0-9, _ and -, and begins with a letter",
);
export type AgentName = z.infer<typeof AgentName>;

/** Milliseconds since 1970-01-01 UTC. Tools, command line and wire convert it to ISO 8601. */
export const EpochMs = z.number().int().nonnegative();
export type EpochMs = z.infer<typeof EpochMs>;

/** ISO 8601 UTC with milliseconds, as times are shown to callers. */
export function isoTime(ms: EpochMs): string {
  return new Date(ms).toISOString();
}

/** As {@link isoTime}, with `null` for a time that has not come. */
export function isoTimeOrNull(ms: EpochMs | null): string | null {
  return ms === null ? null : isoTime(ms);
}
