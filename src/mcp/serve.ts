/**
 * Room `mcp`: the MCP server on stdio. It needs a service and no daemon: `initialize` and `tools/list` are answered
 * before there is one.
 *
 * @module
 */
import { stateHome, statePaths } from "../config/state_paths.ts";
import type { JobService } from "../service/job_service.ts";
import type { AgentState } from "../service/requests.ts";
import { systemClock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import { FrontDesk } from "./front_desk.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { Outbox } from "./outbox.ts";
import { readLines } from "./read_lines.ts";
import { ToolShelf } from "./tool_shelf.ts";
import { readToolsetNames } from "./toolset_names.ts";

/** Ms for calls under way to be answered after the host has closed its end; waits end at once. */
const LAST_ANSWERS_MS = 5_000;

export interface ServeOptions {
  /** Or how to get it, once, when the host has been greeted: what it loads then costs the greeting nothing. */
  service: JobService | (() => Promise<JobService>);
  version: string;
  /** As `--toolsets` names them. */
  toolsets: readonly string[];
  /** The host's environment, which jobs started here get. */
  env: Record<string, string>;
  /** Of this front-end process. */
  session: string;
  /** The agents there are, as this front-end finds them. Without a daemon. */
  agents: () => Promise<AgentState[]>;
  input: ReadableStream<Uint8Array>;
  output: WritableStream<Uint8Array>;
  log: Log;
  /** The state directory, to tell where things are; by default what `env` says. */
  home?: string;
}

/**
 * Serves until the host closes its end or the process gets SIGTERM or SIGINT; jobs go on.
 *
 * @throws {AgentAsyncError} `invalid_argument` for an unknown toolset, `config_invalid` when there is no home directory;
 * before anything is served.
 */
export async function serveMcp(options: ServeOptions): Promise<void> {
  const { env, session, log } = options;
  const paths = statePaths(options.home ?? stateHome(env));
  const shelf = new ToolShelf({ toolsets: readToolsetNames(options.toolsets), agents: options.agents, log });
  const outbox = new Outbox(options.output);
  const hostGone = new AbortController();
  using signals = stopSignals();
  const stop = AbortSignal.any([signals.signal, outbox.gone]);
  const greeting = {
    capabilities: { tools: {} },
    serverInfo: { name: "agent-async", title: "agent-async", version: options.version },
    instructions: INSTRUCTIONS,
  };
  const desk = new FrontDesk({
    outbox,
    greeting,
    log,
    listTools: () => shelf.list(),
    openSession: async (send) => {
      // First the tools, which the host asks for next.
      await shelf.load();
      const service = typeof options.service === "function" ? await options.service() : options.service;
      const { openSdkSession } = await import("./sdk_session.ts");
      return await openSdkSession({
        greeting,
        findTool: (name) => shelf.find(name),
        context: {
          service,
          origin: { env, session },
          transcriptPath: (jobId) => `${paths.jobsDirectory}/${jobId}/output.txt`,
          clock: systemClock,
        },
        hostGone: hostGone.signal,
        isCongested: () => outbox.isCongested,
        send,
        log,
        logPath: paths.logFile,
      });
    },
  });
  await desk.attend(readLines(options.input, { signal: stop }), stop);
  hostGone.abort();
  await settled(desk.answered().then(() => outbox.flushed()), stop, LAST_ANSWERS_MS);
  await desk.close();
}

/** Resolves when `work` does, or `signal` is aborted, or after `ms`. */
async function settled(work: Promise<void>, signal: AbortSignal, ms: number): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const aborted = () => resolve();
  signal.addEventListener("abort", aborted, { once: true });
  await Promise.race([work, promise]);
  clearTimeout(timer);
  signal.removeEventListener("abort", aborted);
}

/** The signals by which hosts end a server: Claude Code sends SIGINT, Gemini CLI SIGTERM. */
function stopSignals(): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const names: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const name of names) Deno.addSignalListener(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of names) Deno.removeSignalListener(name, stop);
    },
  };
}
