/**
 * Room `cli`: the command `status`: the live monitor on a terminal, a snapshot otherwise.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { type Context, printJson } from "../context.ts";
import { EXIT, type ExitCode } from "../entry/exit_code.ts";
import { askerOf } from "../jobs/asker.ts";
import { JSON_OPTION, originOf } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const statusCommand = defineCommand({
  name: "status",
  summary: "Watch all jobs, live, on the whole screen",
  details: "Without a terminal it prints how things are now.",
  options: [JSON_OPTION],
  examples: [
    { line: "status", says: "The live monitor; ? shows its keys, q leaves it." },
    { line: "status --json", says: "How things are now, for scripts." },
  ],
  json:
    "{ daemon: { version, pid, started_at }, limits: { total, depth }, busy, running: [job], pending: [brief], pending_count, recent: [job] }; a job is a job result without output and result",
  input: z.object({ json: Switch }),
  async run(input, context) {
    const { stdin, stdout, env } = context.io;
    const isLive = stdin.isTerminal && stdout.isTerminal && env["TERM"] !== "dumb" && !input.json;
    return isLive ? await monitor(context) : await report(context, input.json);
  },
});

async function report(context: Context, isJson: boolean): Promise<ExitCode> {
  const { readStatusReport, statusReportText } = await import("../monitor/status_report.ts");
  const { io, style } = context;
  const found = await readStatusReport({
    service: await context.service(),
    control: await context.control(),
    origin: originOf(io),
    signal: context.interrupt,
  });
  if (isJson) await printJson(context, found);
  else {
    const { isTerminal, columns } = io.stdout;
    await io.stdout.write(
      statusReportText(found, {
        style,
        columns: isTerminal ? columns : null,
        home: io.env["HOME"],
        now: io.clock.now(),
      }),
    );
  }
  return EXIT.done;
}

async function monitor(context: Context): Promise<ExitCode> {
  const [{ runMonitor }, { ProcessTerminal }, { paletteFor }] = await Promise.all([
    import("../monitor/run_monitor.ts"),
    import("../monitor/process_terminal.ts"),
    import("../monitor/palette.ts"),
  ]);
  const { io, version, interrupt } = context;
  const [service, control] = await Promise.all([context.service(), context.control()]);
  using terminal = new ProcessTerminal();
  const end = await runMonitor({
    terminal,
    service,
    control,
    clock: io.clock,
    origin: originOf(io),
    asker: askerOf(io),
    version,
    home: io.env["HOME"],
    palette: paletteFor(io.env),
    interrupt,
  });
  switch (end) {
    case "quit":
      return EXIT.done;
    case "interrupted":
      return EXIT.interrupted;
    case "SIGTERM":
    case "SIGHUP":
      terminal.leave();
      // The terminal no longer listens to signals, so this signal ends the program, and the parent process sees which
      // it was.
      Deno.kill(Deno.pid, end);
      return EXIT.interrupted;
  }
}
