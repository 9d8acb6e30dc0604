/**
 * Room `mcp`: jobs in lists, one line each.
 *
 * @module
 */
import { called } from "../../domain/job/job_line.ts";
import * as z from "zod";
import type { Brief } from "../../domain/job/result.ts";
import { type Fenced, fencedActivity, quoted } from "./fence.ts";

/** How much of each job a list shows: all, with short texts, or no more than what it is. */
export const BRIEF_DETAILS = ["full", "short", "bare"] as const;
export type BriefDetail = typeof BRIEF_DETAILS[number];

/** What lists promise of a job; the other fields of a brief come too. */
export const BriefOutput = z.looseObject({ job_id: z.string(), status: z.string().optional() });

const SHORT_CHARS = 40;

export function briefView(
  brief: Brief,
  detail: BriefDetail,
  { fenced }: { readonly fenced: Fenced },
): Record<string, unknown> {
  const { job_id, agent, status, reason } = brief;
  const bare = {
    job_id,
    agent,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(brief.work === undefined ? {} : { work: brief.work }),
  };
  const { asking, ...rest } = brief;
  switch (detail) {
    case "full":
      return {
        ...rest,
        ...(asking === undefined ? {} : { asking: asking.map(({ title }) => fenced(title)) }),
        ...(brief.activity === undefined ? {} : { activity: fencedActivity(brief.activity, fenced) }),
      };
    case "short":
      return {
        ...bare,
        ...(brief.title === undefined ? {} : { title: brief.title.slice(0, SHORT_CHARS) }),
        prompt: brief.prompt.slice(0, SHORT_CHARS),
        cwd: brief.cwd.slice(-SHORT_CHARS),
        created_at: brief.created_at,
      };
    case "bare":
      return bare;
  }
}

export function briefLine(brief: Brief, detail: BriefDetail): string {
  const head = `${brief.job_id} ${brief.agent} ${brief.status}${
    brief.reason === undefined || brief.reason === brief.status ? "" : ` (${brief.reason})`
  }`;
  if (detail === "bare") return brief.work === undefined ? head : `${head}, changes not applied`;
  const chars = detail === "full" ? 80 : SHORT_CHARS;
  const { by, line } = called(brief);
  const parts = [
    `${head}, created ${brief.created_at}`,
    brief.waiting_for === undefined ? "" : `waits for ${quoted(brief.waiting_for, chars)}`,
    brief.asking === undefined ? "" : `asks ${quoted(brief.asking[0]?.title ?? "", chars)}`,
    brief.activity === undefined ? "" : `activity ${quoted(brief.activity, chars)}`,
    brief.work === undefined ? "" : "changes not applied",
    `${by} ${quoted(line, chars)}`,
    `in ${quoted(brief.cwd, detail === "full" ? 300 : SHORT_CHARS)}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
