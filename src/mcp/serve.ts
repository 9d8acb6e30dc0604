/**
 * Room `mcp`: the MCP server on stdio. It needs a service and no daemon: `initialize` and `tools/list` are answered
 * before there is one.
 *
 * @module
 */
import { stateHome, statePaths } from "../config/state_paths.ts";
import type { JobService } from "../service/job_service.ts";
import type { ListResult } from "../service/read_requests.ts";
import type { Log } from "../system/log.ts";
import type { ListedAgent } from "./agent_titles.ts";
import { deskAnswers } from "./desk/desk_answers.ts";
import { FrontDesk } from "./desk/front_desk.ts";
import { claimedJob } from "./claimed_job.ts";
import { instructions } from "./instructions.ts";
import type { RpcNotification } from "./desk/json_rpc.ts";
import type { QuestionsAtTheDesk } from "./questions/questions_at_the_desk.ts";
import { Outbox } from "./desk/outbox.ts";
import { readLines } from "./desk/read_lines.ts";
import { formOf, LOOK_EVERY_MS, ToolWatch } from "./feed/tool_watch.ts";
import { ToolShelf } from "./tools/tool_shelf.ts";
import { readToolsetNames } from "./tools/toolset_names.ts";
import { within } from "../system/deadline.ts";

/** Ms for calls under way to be answered after the host has closed its end; waits end at once. */
const LAST_ANSWERS_MS = 5_000;

export interface ServeOptions {
  /** The service, or a function that loads it: called once, after the greeting, which then need not wait for it. */
  service: JobService | (() => Promise<JobService>);
  version: string;
  /** As `--toolsets` names them. */
  toolsets: readonly string[];
  /** The host's environment, which jobs started here get. */
  env: Record<string, string>;
  /** Of this front-end process. */
  session: string;
  /** The agents there are, as this front-end finds them. Without a daemon. */
  agents: () => Promise<ListedAgent[]>;
  input: ReadableStream<Uint8Array>;
  output: WritableStream<Uint8Array>;
  log: Log;
  /** The newest jobs that a daemon knows which runs already; `null` when none does. Without it: `null`. */
  recentJobs?: () => Promise<ListResult | null>;
  /** What running jobs ask; what the service knows, unless given. */
  questions?: QuestionsAtTheDesk;
  /** Whether models may answer what agents ask; they may unless it is given. */
  mayAnswer?: () => Promise<boolean>;
  /** Where the host started this process. */
  hostDirectory?: string;
  /** What the host calls this server, where that is not the usual name. */
  serverName?: string;
  /** Ms between two looks for agents that have come or gone; 30,000 unless told. */
  lookEveryMs?: number;
  /** The state directory, to tell where things are; by default what `env` says. */
  home?: string;
}

/**
 * Serves until the host closes its end or the process gets SIGTERM or SIGINT; jobs go on.
 *
 * @returns whether the host has said anything.
 * @throws {AgentAsyncError} `invalid_argument` for an unknown toolset, `config_invalid` when there is no home directory;
 * before anything is served.
 */
export async function serveMcp(options: ServeOptions): Promise<boolean> {
  const { env, log } = options;
  const toolsets = readToolsetNames(options.toolsets);
  const paths = statePaths(options.home ?? stateHome(env));
  const outbox = new Outbox(options.output);
  const hostGone = new AbortController();
  using signals = stopSignals();
  const stop = AbortSignal.any([signals.signal, outbox.gone]);
  const notify = async (message: RpcNotification) => {
    await outbox.room(stop);
    await desk.notify(message);
  };
  const { agents, mayAnswer } = options;
  const isInsideJob = claimedJob(env) !== undefined;
  const shelf = new ToolShelf({ toolsets, agents, isInsideJob, mayAnswer, log });
  using watch = new ToolWatch({
    forms: async () => (await shelf.list()).map(formOf),
    tell: () => notify({ jsonrpc: "2.0", method: "notifications/tools/list_changed" }),
    everyMs: options.lookEveryMs ?? LOOK_EVERY_MS,
    log,
  });
  const greeting = {
    serverInfo: { name: "agent-async", title: "agent-async", version: options.version },
    instructions: instructions(toolsets),
  };
  const desk: FrontDesk = new FrontDesk({
    outbox,
    greeting,
    log,
    answers: deskAnswers({ shelf, watch, toolsets, recentJobs: options.recentJobs, log }),
    openSession: async (send) => {
      // First the tools, which the host asks for next.
      await shelf.load();
      const service = typeof options.service === "function" ? await options.service() : options.service;
      const { openToolSession } = await import("./tool_session.ts");
      return openToolSession({
        ...options,
        service,
        toolsets,
        paths,
        shelf,
        hostGone: hostGone.signal,
        isCongested: () => outbox.isCongested,
        send,
        notify,
        onCalled: () => watch.called(),
      });
    },
  });
  let hasHeard = false;
  async function* heard() {
    for await (const line of readLines(options.input, { signal: stop })) {
      hasHeard = true;
      yield line;
    }
  }
  await desk.attend(heard(), stop);
  hostGone.abort();
  await within(LAST_ANSWERS_MS, desk.answered().then(() => outbox.flushed()), stop);
  await desk.close();
  await within(LAST_ANSWERS_MS, outbox.flushed(), stop);
  return hasHeard;
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
