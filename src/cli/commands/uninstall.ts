/**
 * Room `cli`: the command `uninstall`. All questions and checks come before the first change. Jobs are deleted only
 * after a yes.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { type Context, printJson, printSentences, tell } from "../context.ts";
import { CommandError, EXIT, UsageError } from "../entry/exit_code.ts";
import { sentences } from "../render/wrap_words.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

const Input = z.object({ yes: Switch, keepJobs: Switch, force: Switch, json: Switch });
type Input = z.infer<typeof Input>;

export const uninstallCommand = defineCommand({
  name: "uninstall",
  summary: "Remove this program and, if you say so, its jobs",
  details: "Its registrations with hosts and the automatic updates go too.",
  options: [
    { flags: "-y, --yes", summary: "delete all jobs, their results and the configuration without asking" },
    { flags: "--keep-jobs", summary: "keep the state directory: jobs, results and configuration" },
    {
      flags: "--force",
      summary: "even while jobs run: they are cancelled, or go on with --keep-jobs",
    },
    JSON_OPTION,
  ],
  examples: [
    { line: "uninstall", says: "Asks before it deletes jobs." },
    { line: "uninstall --keep-jobs", says: "A later install finds all jobs again." },
  ],
  json: "{ jobs, steps: [sentence], faults: [sentence] }; jobs is deleted or kept",
  input: Input,
  async run(input, context) {
    const [{ homeOf }, { countJobs, countPatches }, { uninstall }] = await Promise.all([
      import("../existing_daemon.ts"),
      import("../uninstall/state_directory.ts"),
      import("../uninstall/uninstall.ts"),
    ]);
    const { refuseInsideJob } = await import("../refuse_inside_job.ts");
    await refuseInsideJob(context, "uninstall agent-async");
    if (input.yes && input.keepJobs) {
      throw new UsageError("--yes deletes the jobs and --keep-jobs keeps them: say one of them");
    }
    const home = homeOf(context);
    const count = countJobs(home);
    requireSomebodyToAsk(count, home, input, context);
    const isUnfinishedLeft = await checkUnfinished(count, input, context);
    const lost = input.keepJobs ? "" : lostText(await unapplied(count, context), countPatches(home));
    const decision = await decide({ count, lost }, home, input, context);
    if (decision === "stop") {
      await tell(context, "Nothing was changed.");
      return EXIT.interrupted;
    }
    const report = await uninstall(context, {
      home,
      deletesJobs: decision === "delete",
      cancelsJobs: isUnfinishedLeft && decision === "delete",
    });
    if (input.json) await printJson(context, report);
    else await printSentences(context, report.steps.join("\n"));
    return report.faults.length === 0 ? EXIT.done : EXIT.failed;
  },
});

/**
 * Whether there are jobs that have not ended.
 *
 * @throws CommandError when there are, and `--force` was not given.
 */
async function checkUnfinished(count: number, input: Input, context: Context): Promise<boolean> {
  if (count === 0) return false;
  const { countUnfinished } = await import("../uninstall/jobs_in_the_way.ts");
  const unfinished = await countUnfinished(await context.service(), context.interrupt).catch((error) => {
    // An unreadable store must not make it impossible to remove the program: `--force` ignores it.
    if (input.force) return 0;
    throw error;
  });
  if (unfinished === 0 || input.force) return unfinished > 0;
  throw new CommandError(`Cannot uninstall while jobs wait or run (${unfinished} of ${count})`, {
    hint:
      "Wait for them (agent-async list), or say --force: it cancels them, or lets them go on with --keep-jobs.",
  });
}

/** How many jobs have changes that nobody has taken over; 0 too where no daemon can tell. */
async function unapplied(count: number, context: Context): Promise<number> {
  if (count === 0) return 0;
  const { countUnapplied } = await import("../uninstall/jobs_in_the_way.ts");
  try {
    return await countUnapplied(await context.service(), context.interrupt);
  } catch {
    return 0;
  }
}

/** What goes with the jobs although nobody has taken it over; "" for nothing. */
function lostText(jobs: number, patches: number): string {
  const parts = [
    ...(jobs === 0 ? [] : [`the changes of ${jobs === 1 ? "1 job" : `${jobs} jobs`}`]),
    ...(patches === 0 ? [] : [patches === 1 ? "1 patch" : `${patches} patches`]),
  ];
  return parts.length === 0 ? "" : `Nobody has taken over ${parts.join(" and ")}: that goes with the jobs.`;
}

/**
 * Refuses to run without a terminal unless an option answers the question. A script, or a host's session, must not
 * remove
 * the program by accident.
 *
 * @throws UsageError
 */
function requireSomebodyToAsk(count: number, home: string, input: Input, { io }: Context): void {
  if (input.yes || input.keepJobs || (io.stdin.isTerminal && io.stderr.isTerminal)) return;
  const jobs = count === 1 ? "a job" : `${count} jobs`;
  throw new UsageError(
    count === 0 ? "there is no terminal to ask whether that is meant" : `${home} holds ${jobs}`,
    {
      hint: count === 0
        ? `Say --yes to remove everything, or --keep-jobs to keep ${home}.`
        : "Say --yes to delete them too, or --keep-jobs to keep them.",
    },
  );
}

async function decide(
  { count, lost }: { count: number; lost: string },
  home: string,
  input: Input,
  context: Context,
): Promise<"delete" | "keep" | "stop"> {
  if (input.keepJobs) return "keep";
  const { io } = context;
  if (lost !== "") await tell(context, lost);
  if (input.yes || (count === 0 && lost === "")) return "delete";
  const jobs = count === 0 ? "the patches" : count === 1 ? "the job" : `the ${count} jobs`;
  const question = `Delete ${jobs} in ${home} too, with results and configuration? [y]es, [n]o, [q]uit: `;
  await io.stderr.write(sentences(question, io.stderr));
  const answer = (await io.stdin.readLine() ?? "q").trim().toLowerCase();
  if (answer === "y" || answer === "yes") return "delete";
  return answer === "n" || answer === "no" ? "keep" : "stop";
}
