/**
 * Room `config`: the schema of the configuration. Rule of the room: every key is optional and every value is checked.
 * An unknown key is refused, so that a misspelt one is never ignored silently.
 *
 * @module
 */
import * as z from "zod";
import { ApprovalPolicy } from "../domain/agent/policy.ts";
import { AgentsConfig } from "./agent_settings.ts";
import { DEFAULT_ANSWERERS } from "./answerer.ts";
import { Isolation, ProjectsConfig } from "./projects.ts";
import { DEFAULT_TOOLSETS, TOOLSETS } from "./quick/quick_toolsets.ts";
import { isAbsolutePath } from "../system/files/paths.ts";

/** The name of a toolset; `all` is every one of them. */
export const ToolsetName = z.enum(TOOLSETS);
export type ToolsetName = z.infer<typeof ToolsetName>;

const DAY_SECONDS = 86_400;
const MEBIBYTE = 1_048_576;
const policyError = { error: `must be one of ${ApprovalPolicy.options.join(", ")}` };
const toolsetError = `must be a list of ${ToolsetName.options.join(", ")}`;

/** A whole number from `min` to `max`, with one error message for every invalid value. */
function whole(min: number, max: number, unit: string) {
  const error = `must be a whole number of ${unit} from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

const Limits = z.strictObject({
  total: whole(1, 1_000, "jobs").default(4).describe("Jobs that run at once; 1 makes a strict queue"),
  depth: whole(0, 100, "levels").default(3).describe("How deep jobs may start jobs"),
  asking: whole(1, 1_000, "jobs").default(8).describe(
    "Jobs that may only wait for an answer, beside those that run; with more the oldest question is rejected",
  ),
  output_bytes: whole(MEBIBYTE, 1_024 ** 4, "bytes").default(256 * MEBIBYTE).describe(
    "Raw output that one turn may print",
  ),
});

const Timeouts = z.strictObject({
  max_runtime_seconds: whole(1, DAY_SECONDS, "seconds").default(7_200).describe("Limit of one turn"),
  stall_seconds: whole(1, DAY_SECONDS, "seconds").nullable().default(null).describe(
    "Ends an agent that was silent for so long; null never does",
  ),
  exit_grace_seconds: whole(0, 3_600, "seconds").default(15).describe(
    "How long an agent may stay after its last word",
  ),
  daemon_idle_seconds: whole(1, 31 * DAY_SECONDS, "seconds").default(600).describe(
    "When a daemon without jobs and clients leaves",
  ),
});

const Retention = z.strictObject({
  days: whole(1, 36_500, "days").default(30).describe("Age at which finished jobs are removed"),
  bytes: whole(MEBIBYTE, 1_024 ** 5, "bytes").default(2_048 * MEBIBYTE).describe(
    "Total size at which the oldest finished jobs are removed",
  ),
});

export const AbsolutePath = z.string({ error: "must be an absolute path" }).refine(isAbsolutePath, {
  error: "must be an absolute path",
});

const commandError = "must be a shell command line, a list of a program and its arguments, or null";
/** A shell command line, or a program and its arguments. */
const CommandToRun = z.union([
  z.string().min(1, { error: commandError }),
  z.array(z.string()).min(1, { error: commandError }),
], {
  error: commandError,
});

const answererError = { error: "must be anyone, person or null" };

const Questions = z.strictObject({
  answered_by: z.enum(["anyone", "person"], answererError).nullable().default(
    DEFAULT_ANSWERERS.questions.answered_by,
  ).describe(
    "Who may answer an agent's questions; null: anyone where max_approval_policy is full-auto, else a person",
  ),
  timeout_seconds: whole(1, 31 * DAY_SECONDS, "seconds").nullable().default(null).describe(
    "When a question that nobody answers is rejected; null: a day, or an hour where no person can have seen it",
  ),
});

const dayError = { error: "must be a number of US dollars above 0, or null" };

const Budgets = z.strictObject({
  day_usd: z.number(dayError).positive(dayError).nullable().default(null).describe(
    "US dollars that all jobs together may use on a day, to local midnight: then jobs wait, and running turns are ended",
  ),
});

export const Config = z.strictObject({
  limits: Limits.prefault({}),
  timeouts: Timeouts.prefault({}),
  retention: Retention.prefault({}),
  default_approval_policy: z.enum(ApprovalPolicy.options, policyError).default("auto-edit").describe(
    "The policy of a start that names none, as far as max_approval_policy allows it",
  ),
  max_approval_policy: z.enum(ApprovalPolicy.options, policyError).default(
    DEFAULT_ANSWERERS.max_approval_policy,
  ).describe(
    "The most that any start may ask for",
  ),
  allowed_roots: z.array(AbsolutePath, { error: "must be a list of absolute paths" }).default([]).describe(
    "Directories in or below which jobs may work; empty allows all",
  ),
  toolsets: z.array(z.enum(ToolsetName.options, { error: toolsetError }), { error: toolsetError })
    .min(1, { error: toolsetError }).default([...DEFAULT_TOOLSETS]).describe(
      "The MCP tools that are offered",
    ),
  on_finish: CommandToRun.nullable().default(null).describe(
    "A command to run when a job ends; the job result is on its stdin",
  ),
  on_question: CommandToRun.nullable().default(null).describe(
    "A command to run when a job asks something; the question is on its stdin",
  ),
  questions: Questions.prefault({}),
  default_isolation: Isolation.default("none").describe(
    "Whether jobs work in a repository of their own (worktree), where a start does not say",
  ),
  budgets: Budgets.prefault({}),
  projects: ProjectsConfig.default({}).describe(
    "What holds for the jobs of a project, by its absolute directory",
  ),
  agents: AgentsConfig.prefault({}),
});
export type Config = z.infer<typeof Config>;

/** The configuration with every value at its default. */
export const DEFAULT_CONFIG: Config = Config.parse({});
