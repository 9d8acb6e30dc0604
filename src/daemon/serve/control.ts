/**
 * Room `daemon`: the daemon's answers about itself.
 *
 * @module
 */
import type { CallOptions } from "../../service/call.ts";
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import { isoTime } from "../../domain/job/ids.ts";
import { JobStatus } from "../../domain/job/reason.ts";
import type { DaemonControl, DaemonStatus, HandoverRequest } from "../../service/daemon_control.ts";
import type { JobService } from "../../service/job_service.ts";
import { PROTOCOL } from "../../service/wire.ts";
import { compareVersions } from "../../domain/compare_versions.ts";

export interface ControlOptions {
  home: string;
  version: string;
  /** Epoch ms. */
  startedAt: number;
  /** Ms since `startedAt`, by a clock that nobody can set. */
  upMs: () => number;
  service: JobService;
  clients: () => number;
  /** Rejects where git cannot be used. */
  requireGit: () => Promise<void>;
  /** Called once the answer is on its way; `successor` is the version that is to follow. */
  leave: (cause: string, successor?: string) => void;
}

function faultText(error: unknown): DaemonStatus["git_fault"] {
  return error instanceof AgentAsyncError && error.hint !== undefined
    ? { message: error.message, hint: error.hint }
    : { message: messageOf(error) };
}

export class Control implements DaemonControl {
  readonly #options: ControlOptions;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  async status(): Promise<DaemonStatus> {
    const { home, version, startedAt, upMs, service, clients, requireGit } = this.#options;
    const totals = await Promise.all(
      JobStatus.options.map(async (status) => (await service.list({ status, limit: 1 })).total),
    );
    const [pending = 0, running = 0, done = 0, error = 0, cancelled = 0] = totals;
    const { rss, heapUsed } = Deno.memoryUsage();
    return {
      version,
      protocol: PROTOCOL,
      pid: Deno.pid,
      home,
      started_at: isoTime(startedAt),
      uptime_seconds: upMs() / 1000,
      jobs: { pending, running, done, error, cancelled },
      clients: clients(),
      memory: { rss_bytes: rss, heap_used_bytes: heapUsed },
      git_fault: await requireGit().then(() => null, faultText),
    };
  }

  async stop(options: CallOptions = {}): Promise<void> {
    // Whoever starts the next daemon gives it his environment, and with that its configuration.
    const { job_id } = await this.#options.service.jobAround({}, options);
    if (job_id !== null) {
      throw new AgentAsyncError("conflict", `Cannot stop the daemon from inside job ${job_id}`, {
        hint: "Leave that to whoever started the job.",
      });
    }
    this.#options.leave("stop");
  }

  handover(request: HandoverRequest): Promise<void> {
    const { version, leave } = this.#options;
    if (compareVersions(request.version, version) <= 0) {
      throw new AgentAsyncError("conflict", `This daemon is of version ${version}, not older.`);
    }
    leave("handover", request.version);
    return Promise.resolve();
  }
}
