/**
 * Room `cli`: the command `open`.
 *
 * @module
 */
import * as z from "zod";
import { isFinished } from "../../domain/job/reason.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { JobService } from "../../service/job_service.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson, tell } from "../context.ts";
import { CommandError, EXIT, UsageError } from "../entry/exit_code.ts";
import { resolveJob } from "../jobs/job_reference.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { commandWords } from "../render/command_words.ts";
import { Switch, Word } from "../values.ts";

export const openCommand = defineCommand({
  name: "open",
  summary: "Go on with a job's session in the agent's own program",
  details: "In the job's place and at this terminal, once no turn of the job runs. " +
    "What is done there, the next reply to the job finds in the session; replies that come meanwhile wait.",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last" }],
  options: [
    { flags: "--cancel", summary: "end the turn that runs first, and the replies that wait" },
    { flags: "--print", summary: "print the command line, and run nothing" },
    JSON_OPTION,
  ],
  examples: [
    { line: "open last", says: "The newest job, in its agent's own program." },
    { line: "open --print 4kx", says: "What one would have to type." },
  ],
  json: "{ cwd, command: [text], env: { name: text or null } }; only with --print",
  input: z.object({ id: Word, cancel: Switch, print: Switch, json: Switch }),
  async run(input, context) {
    if (input.json && !input.print) throw new UsageError("--json: goes with --print only");
    const { stdin, stdout } = context.io;
    if (!input.print && !(stdin.isTerminal && stdout.isTerminal)) {
      throw new UsageError("open: needs a terminal", { hint: "--print prints the command line instead." });
    }
    const service = await context.service();
    const jobId = await resolveJob(service, input.id, { signal: context.interrupt });
    const job = await restingJob(service, jobId, { isToEnd: input.cancel && !input.print, context });
    // The agent could write hooks there, which the person's git would run. No turn begins while the person is there.
    await service.enter({ job_id: jobId, stay: !input.print });
    const { interactiveOf, shellLine } = await import("../jobs/interactive_session.ts");
    const session = await interactiveOf(job, context);
    if (input.json) {
      const { cwd, executable, args, env } = session;
      await printJson(context, { cwd, command: [executable, ...args], env });
      return EXIT.done;
    }
    if (input.print) {
      await stdout.write(`${shellLine(session)}\n`);
      return EXIT.done;
    }
    const { runInteractive } = await import("../jobs/run_interactive.ts");
    const stay = (pid: number) => service.enter({ job_id: jobId, stay: true, program_pid: pid });
    return await runInteractive(session, context.io, { stay }) === 0 ? EXIT.done : EXIT.failed;
  },
});

/**
 * The job, of which no turn runs.
 *
 * @throws CommandError when one runs, and is not to be ended.
 */
async function restingJob(
  service: JobService,
  jobId: string,
  { isToEnd, context }: { isToEnd: boolean; context: Context },
): Promise<JobResult> {
  const look = () => service.poll({ job_id: jobId, tail_lines: 0 }, { signal: context.interrupt });
  const job = await look();
  if (isFinished(job.status)) return job;
  if (isToEnd) {
    await tell(context, commandWords((await service.cancel({ job_id: jobId })).message));
    return await look();
  }
  const why = job.status === "running"
    ? `turn ${job.turn} runs in its session`
    : `it is ${job.status}, and goes on in its session by itself`;
  throw new CommandError(`Cannot open job ${jobId}: ${why}`, {
    hint: `agent-async wait ${jobId} waits for its end; agent-async open --cancel ${jobId} ends it first.`,
  });
}
