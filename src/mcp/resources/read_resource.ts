/**
 * Room `mcp`: reading one resource. What is long is cut at its beginning, and says where the whole is: hosts put
 * resources into a model's context as they are.
 *
 * @module
 */
import { isAgentAsyncError } from "../../domain/errors.ts";
import type { JobResult } from "../../domain/job/result.ts";
import { strictJson } from "../../domain/reading/strict_json.ts";
import { plainText } from "../../domain/event/transcript.ts";
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";
import { MAX_ANSWER_CHARS } from "../views/answer_size.ts";
import { jobRecord } from "../views/job_answer.ts";
import { JOB_DETAILS, type JobPlaces } from "../views/job_detail.ts";
import { RESOURCE_NOT_FOUND, RpcFault } from "../desk/json_rpc.ts";
import type { ReadResourceResult } from "../desk/protocol_types.ts";
import { JSON_TYPE, LINES_TYPE, LISTED_JOBS, TEXT_TYPE } from "./resource_catalog.ts";
import { type JobResource, readResourceUri } from "./resource_uri.ts";

/** Events in one resource: about as many as fit. */
const NEWEST_EVENTS = 500;
const EVENT_STRING_CHARS = 1_024;

export interface ReadContext extends JobPlaces {
  service: Pick<JobService, "poll" | "list" | "events" | "transcript">;
}

/** @throws {RpcFault} `RESOURCE_NOT_FOUND` for an address without a resource. */
export async function readResource(
  uri: string,
  context: ReadContext,
  options: CallOptions,
): Promise<ReadResourceResult> {
  const resource = readResourceUri(uri);
  if (resource === null) throw noResource(uri);
  try {
    const { mimeType, text } = await contentsOf(resource, context, options);
    return { contents: [{ uri, mimeType, text }] };
  } catch (error) {
    throw isAgentAsyncError(error, "not_found") ? noResource(uri) : error;
  }
}

export function noResource(uri: string): RpcFault {
  return new RpcFault(
    RESOURCE_NOT_FOUND,
    `There is no resource ${JSON.stringify(uri.slice(0, 200))}: see resources/list and job://{job_id}`,
  );
}

async function contentsOf(
  resource: JobResource,
  context: ReadContext,
  options: CallOptions,
): Promise<{ mimeType: string; text: string }> {
  const { service } = context;
  switch (resource.kind) {
    case "list":
      return json(await service.list({ limit: LISTED_JOBS }, options));
    case "job": {
      const job = await service.poll({ job_id: resource.jobId }, options);
      return json(wholeJob(job, context));
    }
    case "output": {
      const { text, before } = await transcriptEnd(resource.jobId, service, options);
      const cut = `[... ${before} characters before this: ${context.transcriptPath(resource.jobId)}]\n`;
      return { mimeType: TEXT_TYPE, text: `${before === 0 ? "" : cut}${plainText(text)}` };
    }
    case "events":
      return { mimeType: LINES_TYPE, text: await newestEvents(resource.jobId, service, options) };
  }
}

/** Programs and people read resources: nothing is fenced. */
function wholeJob(job: JobResult, context: ReadContext): Record<string, unknown> {
  const forms = JOB_DETAILS.map((detail) => jobRecord(job, detail, context));
  return forms.find((form) => JSON.stringify(form).length <= MAX_ANSWER_CHARS) ?? forms.at(-1) ?? {};
}

function json(value: unknown): { mimeType: string; text: string } {
  return { mimeType: JSON_TYPE, text: strictJson(value, 2) };
}

/** The end of the transcript, as much as fits, and how many characters come before it. Reads page by page. */
async function transcriptEnd(
  jobId: string,
  service: ReadContext["service"],
  options: CallOptions,
): Promise<{ text: string; before: number }> {
  let text = "";
  let before = 0;
  for (let offset = 0;;) {
    const page = await service.transcript({ job_id: jobId, offset }, options);
    const all = text + page.text;
    // A cut in the middle of a surrogate pair would leave half a character.
    text = all.slice(-MAX_ANSWER_CHARS).replace(/^[\udc00-\udfff]/, "");
    before += all.length - text.length;
    if (!page.more) return { text, before };
    offset = page.offset;
  }
}

async function newestEvents(
  jobId: string,
  service: ReadContext["service"],
  options: CallOptions,
): Promise<string> {
  const { cursor: newest } = await service.poll({ job_id: jobId, tail_lines: 0 }, options);
  const lines: string[] = [];
  let chars = 0;
  for (let cursor = Math.max(0, newest - NEWEST_EVENTS);;) {
    const request = { job_id: jobId, cursor, limit: NEWEST_EVENTS, truncate: EVENT_STRING_CHARS };
    const page = await service.events(request, options);
    for (const event of page.events) {
      const line = strictJson(event);
      lines.push(line);
      chars += line.length + 1;
    }
    while (chars > MAX_ANSWER_CHARS && lines.length > 1) chars -= (lines.shift()?.length ?? 0) + 1;
    if (!page.more) return lines.map((line) => `${line}\n`).join("");
    cursor = page.cursor;
  }
}
