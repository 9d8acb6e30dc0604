/**
 * Room `cli`: the command `daemon`: `start`, `stop` and `status`, and `run`, which is the daemon itself.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand, defineGroup } from "../command.ts";
import { type Context, printJson, printSentences, tell } from "../context.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../entry/exit_code.ts";
import type { Output } from "../io.ts";
import { bytesText } from "../render/bytes.ts";
import { durationText } from "../render/time.ts";
import { sentences } from "../render/wrap_words.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";
import type { DaemonStatus } from "../../service/daemon_control.ts";

const startCommand = defineCommand({
  name: "start",
  summary: "Start the daemon unless it runs (every other command does so by itself)",
  examples: [{ line: "daemon start", says: "To see that it can be started." }],
  options: [JSON_OPTION],
  json:
    "{ running, version, protocol, pid, home, started_at, uptime_seconds, jobs: { pending, running, done, error, cancelled }, clients, memory: { rss_bytes, heap_used_bytes }, git_fault }",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const status = await (await context.control()).status({ signal: context.interrupt });
    if (input.json) await printJson(context, { running: true, ...status });
    else await printSentences(context, `The daemon runs (pid ${status.pid}, version ${status.version}).`);
    return EXIT.done;
  },
});

const stopCommand = defineCommand({
  name: "stop",
  summary: "Stop the daemon; running jobs go on, and the next daemon takes them over",
  examples: [{ line: "daemon stop", says: "For a moment without a daemon; the next command starts one." }],
  options: [JSON_OPTION],
  json: "{ stopped, pid?, running? }; running counts the jobs that go on",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const { existingDaemon } = await import("../existing_daemon.ts");
    const stopped = await existingDaemon(context, async (control, { pid }) => {
      const signal = context.interrupt;
      // A daemon that cannot read its store must still be stopped, since that is how the user repairs it.
      const running = await control.status({ signal }).then(({ jobs }) => jobs.running, () => null);
      await control.stop({ signal });
      return { pid, running };
    });
    if (input.json) await printJson(context, { stopped: stopped !== null, ...stopped });
    else {
      const running = stopped?.running ?? 0;
      const rest = running === 0
        ? ""
        : running === 1
        ? " 1 running job goes on."
        : ` ${running} running jobs go on.`;
      const said = stopped === null
        ? "No daemon was running."
        : `The daemon (pid ${stopped.pid}) has left.${rest}`;
      await printSentences(context, said);
    }
    return EXIT.done;
  },
});

const statusCommand = defineCommand({
  name: "status",
  summary: "Say whether the daemon runs and how it is (exit code 1 when it does not run)",
  examples: [{ line: "daemon status --json", says: "For scripts; it starts none." }],
  options: [JSON_OPTION],
  json:
    "{ running, version, protocol, pid, home, started_at, uptime_seconds, jobs: { pending, running, done, error, cancelled }, clients, memory: { rss_bytes, heap_used_bytes }, git_fault }; { running: false, home } when it does not run",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const { existingDaemon, homeOf } = await import("../existing_daemon.ts");
    const status = await existingDaemon(context, (control) => control.status({ signal: context.interrupt }));
    if (status === null) {
      if (input.json) await printJson(context, { running: false, home: homeOf(context) });
      else {await tell(
          context,
          `No daemon runs for ${homeOf(context)}; the next command that needs one starts it.`,
        );}
      return EXIT.failed;
    }
    if (input.json) await printJson(context, { running: true, ...status });
    else await context.io.stdout.write(statusText(status, context.io.stdout));
    return EXIT.done;
  },
});

const runCommand = defineCommand({
  name: "run",
  summary: "Be the daemon, in the foreground",
  isHidden: true,
  input: z.object({}),
  run: (_input, context) => serve(context),
});

/**
 * Idle time in seconds when the configuration cannot be read. It has no effect: such a daemon does not begin to serve.
 */
const UNREAD_IDLE_SECONDS = 600;

async function serve({ io, version }: Context): Promise<ExitCode> {
  const [{ loadConfig }, { stateHome, statePaths }, { runDaemon }, { compose }, { fileLog }] = await Promise
    .all([
      import("../../config/load_config.ts"),
      import("../../config/state_paths.ts"),
      import("../../daemon/serve/run_daemon.ts"),
      import("../../daemon/serve/compose.ts"),
      import("../../system/file_log.ts"),
    ]);
  const home = stateHome(io.env);
  const { configFile, logFile } = statePaths(home);
  const log = fileLog({ path: logFile, clock: io.clock });
  const load = () => loadConfig({ path: configFile, env: io.env });
  try {
    await runDaemon({
      home,
      version,
      // A configuration error is ignored here. `compose` reports the same error a moment later, to the front-end.
      idleSeconds: await load().then(
        ({ config }) => config.timeouts.daemon_idle_seconds,
        () => UNREAD_IDLE_SECONDS,
      ),
      compose: (_home, leave) => compose({ home, env: io.env, log, leave }),
      log,
      clock: io.clock,
    });
    return EXIT.done;
  } catch (error) {
    if (io.stderr.isTerminal) throw error;
    // The error is in the log and the front-end is told of it. Without a terminal, stderr would put it into the log
    // twice.
    return exitCodeOf(error);
  }
}

function statusText(status: DaemonStatus, output: Output): string {
  const { jobs } = status;
  const rows = [
    ["pid", String(status.pid)],
    ["version", status.version],
    ["directory", status.home],
    ["up for", durationText(status.uptime_seconds)],
    [
      "jobs",
      `${jobs.running} running, ${jobs.pending} pending, ${jobs.done} done, ${jobs.error} failed, ` +
      `${jobs.cancelled} cancelled`,
    ],
    ["clients", String(status.clients - 1)],
    ["memory", bytesText(status.memory.rss_bytes)],
  ] as const;
  return rows.map(([name, value]) => `${name.padEnd(11)}${sentences(value, output, 11)}\n`).join("");
}

export const daemonCommand = defineGroup(
  { name: "daemon", summary: "Start, stop or look at the background daemon" },
  [startCommand, stopCommand, statusCommand, runCommand],
);
