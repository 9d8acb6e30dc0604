/**
 * Room `cli`, the monitor: the jobs at one moment, as data or text, for pipes and scripts.
 *
 * @module
 */
import { jobLine } from "../../domain/job/job_line.ts";
import type { Brief } from "../../domain/job/result.ts";
import type { DaemonControl } from "../../service/daemon_control.ts";
import type { JobService } from "../../service/job_service.ts";
import type { QueueStatus } from "../../service/read_requests.ts";
import type { Origin } from "../../service/requests.ts";
import { tokensText } from "../render/amounts.ts";
import { homePath } from "../render/home_path.ts";
import type { Style } from "../render/style.ts";
import { type Column, tableText } from "../render/table.ts";
import { distanceText, durationText } from "../render/time.ts";
import { oneLine } from "./line.ts";
import { type Detail, detailOf } from "./monitor_state.ts";
import { recentJobs } from "./recent_jobs.ts";

export interface StatusReport {
  readonly daemon: { readonly version: string; readonly pid: number; readonly started_at: string };
  readonly limits: QueueStatus["limits"];
  readonly busy: boolean;
  readonly running: readonly Detail[];
  readonly pending: readonly Brief[];
  readonly pending_count: number;
  /** Ended jobs, the latest end first. */
  readonly recent: readonly Detail[];
}

/** Ended jobs in a snapshot, at most. */
const RECENT = 10;

export async function readStatusReport(from: {
  readonly service: JobService;
  readonly control: DaemonControl;
  readonly origin: Origin;
  readonly signal: AbortSignal;
}): Promise<StatusReport> {
  const { service, control, origin, signal } = from;
  const [queue, { finished }, daemon] = await Promise.all([
    service.queue({ origin }, { signal }),
    recentJobs(service, { signal }),
    control.status({ signal }),
  ]);
  const details = async (briefs: readonly Brief[]) => {
    const results = await Promise.all(
      // A job may have been pruned since it was listed.
      briefs.map(({ job_id }) => service.poll({ job_id, tail_lines: 0 }, { signal }).catch(() => null)),
    );
    return results.flatMap((result) => result === null ? [] : [detailOf(result)]);
  };
  return {
    daemon: { version: daemon.version, pid: daemon.pid, started_at: daemon.started_at },
    limits: queue.limits,
    busy: queue.busy,
    running: await details(queue.running),
    pending: queue.pending,
    pending_count: queue.pending_count,
    recent: await details(finished.slice(0, RECENT)),
  };
}

export interface StatusReportTextOptions {
  readonly style: Style;
  /** Width to fit into; `null` for a pipe. */
  readonly columns: number | null;
  readonly home: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

export function statusReportText(found: StatusReport, options: StatusReportTextOptions): string {
  const { style, now } = options;
  const { running, pending, recent, limits, pending_count } = found;
  const head =
    `${running.length}/${limits.total} running, ${pending_count} waiting, daemon ${found.daemon.version}\n`;
  const common = <Row extends Brief | Detail>(): Column<Row>[] => [
    { title: "ID", text: (job) => job.job_id, paint: style.bold },
    { title: "AGENT", text: (job) => oneLine(job.agent) },
  ];
  const rest = <Row extends Brief | Detail>(): Column<Row>[] => [
    {
      title: "DIRECTORY",
      text: (job) => homePath(job.cwd, options.home),
      paint: style.dim,
      isElastic: true,
      isExpendable: true,
    },
    { title: "PROMPT", text: (job) => oneLine(jobLine(job)), isElastic: true },
  ];
  const runningTable: Column<Detail>[] = [
    ...common<Detail>(),
    {
      title: "RUNNING",
      // With several turns the duration spans the idle time between them, which is no running.
      text: (job) => job.turn > 1 ? `turn ${job.turn}` : durationText(job.duration_seconds ?? 0),
      isNumber: true,
    },
    { title: "ACTIVITY", text: (job) => oneLine(job.activity ?? ""), isElastic: true },
    ...rest<Detail>(),
  ];
  const pendingTable: Column<Brief>[] = [
    ...common<Brief>(),
    { title: "WAITS FOR", text: (job) => oneLine(job.waiting_for ?? ""), isElastic: true },
    ...rest<Brief>(),
  ];
  const recentTable: Column<Detail>[] = [
    ...common<Detail>(),
    {
      title: "ENDED",
      text: (job) => job.status === "error" ? job.reason ?? job.status : job.status,
      paint: (text, job) => style.status(job.status, text),
    },
    { title: "", text: (job) => distanceText(job.finished_at ?? job.created_at, now), isNumber: true },
    { title: "TOKENS", text: (job) => tokensText(job.usage.total_tokens), isNumber: true },
    ...rest<Detail>(),
  ];
  return [
    head,
    ...(running.length === 0 ? [] : [tableText(running, runningTable, options.columns)]),
    ...(pending.length === 0 ? [] : [tableText(pending, pendingTable, options.columns)]),
    ...(recent.length === 0 ? [] : [tableText(recent, recentTable, options.columns)]),
  ].join("\n");
}
