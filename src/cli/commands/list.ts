/**
 * Room `cli`: the command `list`.
 *
 * @module
 */
import { jobLine } from "../../domain/job/job_line.ts";
import * as z from "zod";
import { JobStatus } from "../../domain/job/reason.ts";
import type { Brief } from "../../domain/job/result.ts";
import { plainText } from "../../domain/event/transcript.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson, tell } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { homePath } from "../render/home_path.ts";
import { oneLine } from "../render/question_text.ts";
import { type Column, tableText } from "../render/table.ts";
import { distanceText } from "../render/time.ts";
import { MAX_LISTED } from "../../service/read_requests.ts";
import { directoryOf, JSON_OPTION } from "../jobs/start_options.ts";
import { count, Status, Switch, Word } from "../values.ts";

export const listCommand = defineCommand({
  name: "list",
  summary: "List jobs, the newest first",
  arguments: [{
    name: "RACE",
    summary: "only the jobs of this group, as --group",
    isOptional: true,
  }],
  options: [
    { flags: "-n, --limit <n>", summary: "how many, 20 unless said otherwise" },
    {
      flags: "-s, --status <status>",
      summary: "pending, running, done, error or cancelled",
      words: JobStatus.options,
    },
    { flags: "-a, --agent <agent>", summary: "jobs of this agent" },
    { flags: "-C, --cwd <dir>", summary: "jobs in this directory" },
    { flags: "--group <ID>", summary: "jobs that were started together, as race does" },
    { flags: "-q, --quiet", summary: "print nothing but the ids" },
    { flags: "--for-completions", summary: "print ids and what they are", isHidden: true },
    JSON_OPTION,
  ],
  examples: [
    { line: "list -s running", says: "What goes on now." },
    {
      line: "list -q -s pending",
      says: "For another command: agent-async cancel $(...) ends all that wait.",
    },
    { line: "list -C . -n 5", says: "The last five jobs of this directory." },
  ],
  json: "{ jobs: [brief], total }",
  input: z.object({
    race: Word.optional(),
    limit: count(1, MAX_LISTED).default(20),
    status: Status.optional(),
    agent: Word.optional(),
    cwd: Word.optional(),
    group: Word.optional(),
    quiet: Switch,
    forCompletions: Switch,
    json: Switch,
  }),
  async run(input, context) {
    const service = await context.service();
    const result = await service.list({
      limit: input.limit,
      status: input.status,
      agent: input.agent,
      group: input.race ?? input.group,
      cwd: input.cwd === undefined ? undefined : directoryOf(input.cwd, context.io),
    }, { signal: context.interrupt });
    if (result.notice !== undefined && !input.forCompletions) await tell(context, result.notice);
    if (input.json) await printJson(context, result);
    else if (input.quiet) {
      await context.io.stdout.write(result.jobs.map((job) => `${job.job_id}\n`).join(""));
    } else if (input.forCompletions) {
      const lines = result.jobs.map((job) => `${job.job_id}\t${statusText(job)}, ${promptText(job)}\n`);
      await context.io.stdout.write(lines.join(""));
    } else if (result.jobs.length === 0) await tell(context, "No jobs.");
    else {
      await printTable(result.jobs, context);
      const more = result.total - result.jobs.length;
      if (more > 0 && context.io.stdout.isTerminal) {
        await tell(context, context.style.dim(`and ${more} more`));
      }
    }
    return EXIT.done;
  },
});

async function printTable(jobs: readonly Brief[], context: Context): Promise<void> {
  const { style, io } = context;
  const { isTerminal } = io.stdout;
  const now = io.clock.now();
  const time = (iso: string) => isTerminal ? distanceText(iso, now) : iso;
  const columns: Column<Brief>[] = [
    { title: "ID", text: (job) => job.job_id, paint: style.bold },
    { title: "AGENT", text: (job) => plainText(job.agent) },
    {
      title: "STATUS",
      text: statusText,
      paint: (text, job) => style.status(job.status, text),
      isElastic: true,
    },
    { title: "CREATED", text: (job) => time(job.created_at), paint: style.dim, isExpendable: true },
    {
      title: "DIRECTORY",
      text: (job) => homePath(job.cwd, io.env["HOME"]),
      paint: style.dim,
      isElastic: true,
      isExpendable: true,
    },
    { title: "PROMPT", text: promptText, isElastic: true },
  ];
  await io.stdout.write(tableText(jobs, columns, isTerminal ? io.stdout.columns : null));
}

function promptText(job: Brief): string {
  return plainText(jobLine(job));
}

function statusText(job: Brief): string {
  const asks = job.asking?.[0];
  if (asks !== undefined) return `asks: ${oneLine(asks.title)}`;
  const said = job.status === "pending"
    ? job.waiting_for
    : job.status === "running"
    ? job.activity
    : job.status === "error"
    ? job.reason
    : undefined;
  if (job.work === "not_applied") return `${job.status}${said === undefined ? "" : `: ${said}`}, not applied`;
  if (said === undefined) return job.status;
  const line = plainText(said).replace(/\s+/g, " ");
  return line.startsWith(job.status) ? line : `${job.status}: ${line}`;
}
