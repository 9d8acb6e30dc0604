/**
 * Room `cli`: the options that `run`, `start`, `reply` and `retry` share, and the request that `run` and `start` make
 * of them.
 *
 * @module
 */
import { MAX_CHECK_ATTEMPTS } from "../../domain/job/check.ts";
import { DEFAULT_AGENT } from "../../agents/default_agent.ts";
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { isAbsolute, resolve } from "node:path";
import * as z from "zod";
import type { Origin, Receipt, StartRequest } from "../../service/requests.ts";
import { MAX_TURN_SECONDS } from "../../service/requests.ts";
import type { ArgumentSpec, OptionSpec } from "../command.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../entry/exit_code.ts";
import { hostEnvironment } from "../entry/host_environment.ts";
import type { Io } from "../io.ts";
import { resolveJobs } from "./job_reference.ts";
import { count, Dollars, Policy, seconds, Switch, Word, Words } from "../values.ts";

export const JSON_OPTION: OptionSpec = { flags: "--json", summary: "print JSON" };

export const PROMPT_ARGUMENT: ArgumentSpec = {
  name: "PROMPT",
  summary: "the task; - reads it from standard input, where ps does not show it",
  isFreeText: true,
};

/** Options of one turn, for commands that start a job and for those that continue one. */
export const TURN_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "-p, --policy <policy>",
    summary: "suggest (reads only), auto-edit (writes in the directory), ask or full-auto",
    words: ApprovalPolicy.options,
  },
  { flags: "-m, --model <model>", summary: "passed to the agent" },
  { flags: "--timeout <time>", summary: "limit of the turn, such as 90s, 20m or 2h" },
  { flags: "--request-key <key>", summary: "the same key never starts anything twice" },
];

/** What a job may use, for commands whose turns can be held to that. */
export const BUDGET_OPTIONS: readonly OptionSpec[] = [
  { flags: "--max-cost <usd>", summary: "most US dollars that the job may use with all that it starts" },
  { flags: "--max-tokens <n>", summary: "most tokens that it may use so" },
];

export const turnShape = {
  policy: Policy.optional(),
  model: Word.optional(),
  timeout: seconds(MAX_TURN_SECONDS, { isZeroFine: false }).optional(),
  maxCost: Dollars.optional(),
  maxTokens: count(1).optional(),
  requestKey: Word.optional(),
};

export const JOB_OPTIONS: readonly OptionSpec[] = [
  { flags: "-a, --agent <agent>", summary: `the coding agent; ${DEFAULT_AGENT} unless said otherwise` },
  { flags: "-C, --cwd <dir>", summary: "where the agent works; the current directory unless said otherwise" },
  ...TURN_OPTIONS,
  ...BUDGET_OPTIONS,
  { flags: "--title <words>", summary: "a few words for lists, in place of the prompt" },
  {
    flags: "--context-file <path>",
    summary: "a file in that directory to put into the prompt; repeatable",
    isRepeatable: true,
  },
  {
    flags: "--isolation <isolation>",
    summary: "worktree: in a repository of its own made from the directory, beside other jobs; none: in it",
    words: ["none", "worktree"],
  },
  { flags: "--with-changes", summary: "that repository begins with what is not committed yet" },
  {
    flags: "--check <check>",
    summary:
      "what must exit 0 for the job to be done: a name in the configuration or, with full-auto, a command",
  },
  {
    flags: "--check-attempts <n>",
    summary: "how often a failing check goes back to the agent, 2 unless said otherwise",
  },
  {
    flags: "--result-schema <file>",
    summary: "a file with a JSON Schema of the answer, which is then there as data",
  },
  { flags: "--after <ID>", summary: "a job that must be done first; repeatable", isRepeatable: true },
  { flags: "--priority <n>", summary: "-10 to 10; higher goes first" },
  {
    flags: "--fallback <agent>",
    summary: "an agent to try when the one before cannot work; repeatable",
    isRepeatable: true,
  },
  { flags: "--retry-on-limit", summary: "wait for a usage limit to end instead of failing" },
];

export const jobShape = {
  prompt: z.string(),
  agent: Word.default(DEFAULT_AGENT),
  cwd: Word.optional(),
  title: Word.optional(),
  ...turnShape,
  contextFile: Words,
  isolation: z.enum(["none", "worktree"], { error: "must be none or worktree" }).optional(),
  withChanges: Switch,
  check: Word.optional(),
  checkAttempts: count(0, MAX_CHECK_ATTEMPTS).optional(),
  resultSchema: Word.optional(),
  after: Words,
  priority: count(-10, 10).optional(),
  fallback: Words,
  retryOnLimit: Switch,
};
const JobInput = z.object(jobShape);
type JobInput = z.infer<typeof JobInput>;

/** Starts a job. Ctrl-C does not abort the request: otherwise nobody would know whether the job was started. */
export async function startJob(input: JobInput, context: Context): Promise<Receipt> {
  const service = await context.service();
  return await service.start(await startRequestOf(input, context));
}

/** What the options ask for. */
export async function startRequestOf(input: JobInput, context: Context): Promise<StartRequest> {
  const service = await context.service();
  return {
    agent: input.agent,
    prompt: await promptText(input.prompt, context),
    cwd: directoryOf(input.cwd, context.io),
    title: input.title,
    approval_policy: input.policy,
    context_files: input.contextFile.length === 0 ? undefined : input.contextFile,
    model: input.model,
    timeout_seconds: input.timeout,
    after: input.after.length === 0 ? undefined : await resolveJobs(service, input.after),
    result_schema: input.resultSchema === undefined ? undefined : schemaIn(input.resultSchema, context.io),
    isolation: input.isolation,
    with_changes: input.withChanges ? true : undefined,
    check: input.check,
    check_attempts: input.checkAttempts,
    priority: input.priority,
    fallback: input.fallback.length === 0 ? undefined : input.fallback,
    retry_on_limit: input.retryOnLimit ? true : undefined,
    max_cost_usd: input.maxCost,
    max_tokens: input.maxTokens,
    request_key: input.requestKey,
    origin: originOf(context.io),
  };
}

/** @throws UsageError for a file that holds no JSON object. */
function schemaIn(path: string, io: Io): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(Deno.readTextFileSync(resolve(io.cwd, path))));
  } catch (error) {
    throw new UsageError(`--result-schema: ${path} does not hold a JSON Schema`, { hint: messageOf(error) });
  }
}

/**
 * The absolute path of `path`, or of the current directory when no path is given. The current directory is read only
 * when it is needed, since it may have been removed.
 */
export function directoryOf(path: string | undefined, io: Io): string {
  if (path !== undefined && isAbsolute(path)) return resolve(path);
  return resolve(io.cwd, path ?? ".");
}

/**
 * The prompt; `-` reads it from standard input.
 *
 * @throws UsageError when it is empty or is not UTF-8.
 * @throws AgentAsyncError `cancelled` at Ctrl-C.
 */
export async function promptText(prompt: string, context: Context): Promise<string> {
  const text = prompt === "-" ? await readPrompt(context) : prompt;
  if (text.trim() !== "") return text;
  throw new UsageError(prompt === "-" ? "PROMPT: standard input was empty" : "PROMPT: must not be empty");
}

async function readPrompt({ io: { stdin, stderr }, interrupt }: Context): Promise<string> {
  if (stdin.isTerminal) await stderr.write("Write the prompt; Ctrl-D on an empty line ends it.\n");
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new AgentAsyncError("cancelled", "Nothing was started"));
  interrupt.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([stdin.readText({ fatal: true }), interrupted]);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError("PROMPT: standard input is no UTF-8 text", {
      hint: "The agent would not get what was written: convert it (iconv), or name the file in the prompt.",
    });
  } finally {
    interrupt.removeEventListener("abort", stop);
  }
}

/** The origin of a request from this terminal: its environment, and a session id that is new at each call. */
export function originOf(io: Io): Origin {
  return { env: hostEnvironment(io), session: `cli-${crypto.randomUUID()}` };
}
