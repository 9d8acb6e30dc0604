/**
 * Room `store`: the record of a job as a value of Deno.Kv, which holds at most 65,536 bytes. Long texts for people are
 * cut to fit. A record that is still too long is refused before anything is written.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { Job } from "../../domain/job/job.ts";
import { opened } from "../../domain/reading/opened.ts";
import { faultOf, isUnreadable, UNREADABLE_HINT, unreadableJob } from "../../domain/job/unreadable_job.ts";
import { fromBytes, MAX_VALUE_BYTES, toBytes } from "./codec.ts";

/** Most characters of an error, hint or summary in the record. The full text is in the job's directory. */
export const MAX_TEXT_CHARS = 4_000;

/**
 * The schema of stored records. It keeps words and keys of later versions, so that they survive when the record is
 * written back.
 */
const OpenJob = opened(Job);

/**
 * The job with its texts cut to fit the store, validated so that it can be read again.
 *
 * @param schema {@link Job} itself for a new job, which holds nothing that this version does not know
 * @throws {AgentAsyncError} `invalid_argument`, naming the longest field, when the record is too long
 */
export function fitted(job: Job, schema: typeof Job = OpenJob): Job {
  const fit = schema.parse(withShortTexts(job));
  const bytes = toBytes(fit).byteLength;
  if (bytes <= MAX_VALUE_BYTES) return fit;
  const [name, size] = longestField(fit);
  throw new AgentAsyncError(
    "invalid_argument",
    `${name}: the record of job ${fit.id} would be ${bytes} bytes, ${size} of them in this field; ` +
      `the store's limit is ${MAX_VALUE_BYTES}`,
    { hint: `Shorten ${name}.` },
  );
}

/**
 * The stored record, for reading. For a record that this version cannot read, a placeholder is returned that says so,
 * so that a list still shows the job.
 *
 * @throws {UnreadableValue} when it is not JSON: the file is damaged
 */
export function readableJob(value: unknown, id: string): Job {
  const read = fromBytes(value);
  const parsed = OpenJob.safeParse(read);
  return parsed.success ? parsed.data : unreadableJob(id, read, faultOf(parsed.error));
}

/**
 * The stored record, for changing.
 *
 * @param id for the message
 * @throws {UnreadableValue} when it is not JSON: the file is damaged
 * @throws {AgentAsyncError} `conflict` when this version cannot read the record: writing it back would lose data
 */
export function parseJob(value: unknown, id: string): Job {
  const parsed = OpenJob.safeParse(fromBytes(value));
  if (parsed.success && !isUnreadable(parsed.data)) return parsed.data;
  const fault = parsed.success ? "the record in its directory cannot be read" : faultOf(parsed.error);
  throw new AgentAsyncError("conflict", `Cannot change job ${id}: ${fault}`, {
    hint: UNREADABLE_HINT,
    cause: parsed.error,
  });
}

function withShortTexts(job: Job): Job {
  const summary = job.summary === null ? null : cut(job.summary);
  if (job.state.status !== "error") return summary === job.summary ? job : { ...job, summary };
  const { error, hint } = job.state;
  return {
    ...job,
    summary,
    state: { ...job.state, error: cut(error), hint: hint === null ? null : cut(hint) },
  };
}

/**
 * `text` in at most {@link MAX_TEXT_CHARS} characters. A text that is cut ends with a note of its full length.
 */
export function cut(text: string): string {
  if (text.length <= MAX_TEXT_CHARS) return text;
  const note = ` ... (cut, ${text.length} characters)`;
  return `${text.slice(0, MAX_TEXT_CHARS - note.length).replace(/[\ud800-\udbff]$/, "")}${note}`;
}

function longestField(job: Job): [name: string, bytes: number] {
  let longest: [string, number] = ["job", 0];
  for (const [name, value] of Object.entries(job)) {
    const bytes = toBytes(value).byteLength;
    if (bytes > longest[1]) longest = [name, bytes];
  }
  return longest;
}
