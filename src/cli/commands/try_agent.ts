/**
 * Room `cli`: the command `try-agent`, which runs a small job and reports how much of the agent's output was
 * understood.
 *
 * @module
 */
import * as z from "zod";
import type { AgentDriver } from "../../agents/driver.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import type { JobResult } from "../../domain/job/result.ts";
import { plainText, usageText } from "../../domain/event/transcript.ts";
import type { EventsPage } from "../../service/read_requests.ts";
import { MAX_TURN_SECONDS } from "../../service/requests.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson, tell } from "../context.ts";
import { eventPages } from "../jobs/follow.ts";
import { exitCodeOfJobs, tellEnd, waitForAny } from "../jobs/job_end.ts";
import { waitWithProgress } from "../jobs/progress_line.ts";
import { sentences } from "../render/wrap_words.ts";
import { directoryOf, JSON_OPTION, originOf, TURN_OPTIONS } from "../jobs/start_options.ts";
import type { Understood } from "../try_agent/understood.ts";
import { Policy, seconds, Switch, Word } from "../values.ts";

/** Default time limit of the small job, in seconds. */
const TRY_SECONDS = 300;

const READING = "Answer with the single word ready. Use no tool.";
const WRITING =
  "Run the shell command `echo agent-async`, then write a file hello.txt with the word hello in the " +
  "current directory, then answer with the single word ready.";

const OPTIONS = TURN_OPTIONS.filter(({ flags }) => !flags.startsWith("--request-key"));

export const tryAgentCommand = defineCommand({
  name: "try-agent",
  summary: "Run a small job and say what was understood of it",
  details:
    "Says what was understood of its output, what was not, and what it cannot do: for an agent of your own above all. " +
    "It works in an empty directory that goes afterwards, under the most careful policy that it can be held to; " +
    "under one that lets it write it is asked to run a command and to make a file too. Uses the agent's account.",
  arguments: [{ name: "AGENT", summary: "the coding agent, by its name in the configuration" }],
  options: [
    { flags: "-C, --cwd <dir>", summary: "where it works, instead of an empty directory" },
    ...OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { line: "try-agent qwen", says: "Whether it works here, and how much of it is understood." },
    { line: "try-agent -p full-auto mine", says: "With a command and a file as well." },
  ],
  json:
    "{ agent, title, policy, job_id, status, reason?, error?, hint?, result, understood, not_understood: { lines, examples }, missing: [sentence], cannot: [sentence], doubts: [sentence] }; understood counts events by type",
  input: z.object({
    agent: Word,
    cwd: Word.optional(),
    policy: Policy.optional(),
    model: Word.optional(),
    timeout: seconds(MAX_TURN_SECONDS, { isZeroFine: false }).optional(),
    json: Switch,
  }),
  async run(input, context) {
    const { inabilities } = await import("../try_agent/abilities.ts");
    const { policiesOf } = await import("../../agents/driver.ts");
    const driver = await driverNamed(input.agent, context);
    const policy = input.policy ?? policiesOf(driver)[0] ?? "full-auto";
    const scratch = input.cwd === undefined ? Deno.makeTempDirSync({ prefix: "agent-async-try-" }) : null;
    try {
      const cwd = scratch ?? directoryOf(input.cwd, context.io);
      const { job, events } = await runSmallJob({ ...input, policy, cwd }, context);
      const { missing, understood } = await import("../try_agent/understood.ts");
      const seen = understood(events);
      const report = { job, seen, missing: missing(seen, job), cannot: inabilities(driver) };
      if (input.json) await printJson(context, asJson(driver, policy, report));
      else await printReport(driver, policy, report, context);
      return exitCodeOfJobs([job]);
    } finally {
      if (scratch !== null) await Deno.remove(scratch, { recursive: true }).catch(() => {});
    }
  },
});

interface Report {
  readonly job: JobResult;
  readonly seen: Understood;
  readonly missing: readonly string[];
  readonly cannot: readonly string[];
}

/** @throws AgentAsyncError `unknown_agent` when no agent has that name. */
async function driverNamed(name: string, { io }: Context): Promise<AgentDriver> {
  const [{ loadConfig }, { stateHome, statePaths }, { knownDrivers }] = await Promise.all([
    import("../../config/load_config.ts"),
    import("../../config/state_paths.ts"),
    import("../../agents/detection/known_drivers.ts"),
  ]);
  const { config } = await loadConfig({ path: statePaths(stateHome(io.env)).configFile, env: io.env });
  const drivers = knownDrivers(() => config.agents)();
  const driver = drivers.find((candidate) => candidate.name === name);
  if (driver !== undefined) return driver;
  throw new AgentAsyncError("unknown_agent", `There is no agent ${name}`, {
    hint: `Known agents: ${
      drivers.map((known) => known.name).join(", ")
    }. Others are named in agents in config.json.`,
  });
}

interface SmallJob {
  readonly agent: string;
  readonly policy: ApprovalPolicy;
  readonly cwd: string;
  readonly model?: string | undefined;
  readonly timeout?: number | undefined;
}

async function runSmallJob(
  { agent, policy, cwd, model, timeout }: SmallJob,
  context: Context,
): Promise<{ job: JobResult; events: EventsPage["events"] }> {
  const service = await context.service();
  const receipt = await service.start({
    agent,
    cwd,
    prompt: policy === "suggest" ? READING : WRITING,
    approval_policy: policy,
    model,
    timeout_seconds: timeout ?? TRY_SECONDS,
    origin: originOf(context.io),
  });
  const signal = context.interrupt;
  const jobId = receipt.job_id;
  await tell(context, `Job ${jobId}: ${agent} is asked for a word under ${policy}.`);
  try {
    const ended = waitForAny(service, [jobId], context, { deadline: null, signal });
    await waitWithProgress(ended, { service, jobId }, context);
    const events: EventsPage["events"] = [];
    const options = { cursor: 0, truncate: 0, isFollowing: false, signal };
    for await (const page of eventPages(service, jobId, options)) events.push(...page.events);
    return { job: await service.poll({ job_id: jobId, tail_lines: 0 }, { signal }), events };
  } catch (error) {
    // After Ctrl-C the job is cancelled, because its temporary directory is about to be removed.
    if (signal.aborted) await service.cancel({ job_id: jobId });
    throw error;
  }
}

function asJson(driver: AgentDriver, policy: ApprovalPolicy, { job, seen, missing, cannot }: Report) {
  const { job_id, status, reason, error, hint, result } = job;
  return {
    agent: driver.name,
    title: driver.title,
    policy,
    job_id,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(error === undefined ? {} : { error }),
    ...(hint === undefined ? {} : { hint }),
    result,
    understood: seen.events,
    not_understood: seen.notUnderstood,
    missing,
    cannot,
    doubts: job.evidence?.doubts ?? [],
  };
}

async function printReport(
  driver: AgentDriver,
  policy: ApprovalPolicy,
  { job, seen, missing, cannot }: Report,
  context: Context,
): Promise<void> {
  const { io, style } = context;
  const { lines, examples } = seen.notUnderstood;
  const counts = Object.entries(seen.events).map(([type, count]) => `${count} ${type}`).join(", ");
  const said = (name: string, text: string) =>
    `${style.dim(name.padEnd(NAME_WIDTH))}${sentences(plainText(text), io.stdout, NAME_WIDTH)}\n`;
  const many = (name: string, texts: readonly string[]) =>
    texts.length === 0 ? "" : said(name, texts.join(" "));
  await io.stdout.write(
    [
      `${style.bold(plainText(driver.title))} under ${policy}: ${style.status(job.status)}${
        job.reason === undefined || job.reason === job.status ? "" : ` (${job.reason})`
      }\n`,
      said("understood", counts === "" ? "nothing" : counts),
      said("not", lines === 0 ? "nothing: every line was understood" : `${lines} lines, such as`),
      ...examples.map((line) => `${" ".repeat(NAME_WIDTH)}${plainText(line)}\n`),
      job.result === null ? "" : said("answer", job.result),
      (job.usage.total_tokens ?? 0) > 0 ? said("used", usageText(job.usage)) : "",
      many("missing", missing),
      many("cannot", cannot),
    ].join(""),
  );
  await tellEnd(context, job);
}

/** Width, in cells, of the names in the report. */
const NAME_WIDTH = 12;
