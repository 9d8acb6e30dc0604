/**
 * Room `mcp`: the tools `<agent>_start`, one for each agent.
 *
 * @module
 */
import * as z from "zod";
import { DEFAULT_AGENT } from "../../../agents/default_agent.ts";
import type { AgentProfile } from "../../../agents/profiles/agent_profile.ts";
import { builtInProfile } from "../../../agents/profiles/builtin_profiles.ts";
import { AgentName } from "../../../domain/job/ids.ts";
import { StartRequest } from "../../../service/requests.ts";
import { agentTitle, type ListedAgent } from "../../agent_titles.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool, toolSpec } from "../definition/define_tool.ts";
import { receiptAnswer, ReceiptOutput } from "../../views/receipt_view.ts";
import { LETS_AN_AGENT_WORK, type Tool } from "../definition/tool.ts";

const { shape } = StartRequest;

/** What most agents can do under `auto-edit`. */
const ANY_AGENT_LETS: AgentProfile["lets"] = {
  "auto-edit": "edits in cwd, commands sandboxed or refused, no commits",
};

/**
 * What an agent can do under each policy, which the policy's name does not tell: most cannot run the tests that they are
 * asked to run.
 *
 * @param agent `null` for any.
 */
export function policyWords(agent: string | null): string {
  const lets = (agent === null ? ANY_AGENT_LETS : builtInProfile(agent)?.lets) ?? {};
  return `suggest: ${lets.suggest ?? "reads only"}; auto-edit (default unless configured): ${
    lets["auto-edit"] ?? "writes in cwd"
  }; ask: what goes beyond its own rules becomes a question; full-auto: ${lets["full-auto"] ?? "no limits"}`;
}

/** What a start of the default agent takes, of which tools for one kind of work take some. */
export const START_PARAMETERS = {
  prompt: shape.prompt.describe("the whole task; the agent sees only this and cwd"),
  cwd: shape.cwd.describe("absolute path of an existing directory"),
  title: shape.title.describe("a few words for lists"),
  approval_policy: shape.approval_policy.describe(policyWords(DEFAULT_AGENT)),
  context_files: shape.context_files.describe("files under cwd to put into the prompt"),
  model: shape.model.describe("passed to the agent"),
  timeout_seconds: shape.timeout_seconds.describe("of this turn, default 7200"),
  isolation: shape.isolation.describe(
    "none: works in cwd. worktree: in a repository of its own made from it, beside other writers, and may commit; " +
      "job_apply takes the changes over",
  ),
  with_changes: shape.with_changes.describe("with worktree: begins with what is not committed yet"),
  check: shape.check.describe(
    "what must exit 0 for the job to be done: a check's name in the configuration or, with full-auto, a command",
  ),
  check_attempts: shape.check_attempts.describe("how often its output goes back to the agent, default 2"),
  max_cost_usd: shape.max_cost_usd.describe("US dollars that the job may use with all that it starts"),
  max_tokens: shape.max_tokens.describe("the same in tokens"),
  result_schema: shape.result_schema.describe("JSON Schema of the answer, which then comes as result_json"),
  after: z.array(JobIdArgument).max(50).optional().describe("job ids that must be done first"),
  priority: shape.priority.describe("higher goes first, default 0"),
  fallback: shape.fallback.describe(
    "agents to try in turn if this one cannot work (limit, login, missing)",
  ),
  retry_on_limit: shape.retry_on_limit.describe("wait out a usage limit and resume"),
  request_key: shape.request_key.describe("same key, same job: safe to repeat"),
};

/** How the other tools of a toolset are called. */
export interface Siblings {
  /** What waits for the job. */
  readonly wait: string;
  /** What goes on with it, if anything does. */
  readonly reply?: string;
}

export interface AgentStartOptions {
  /** As the agent's configuration has it. */
  readonly title?: string | undefined;
  /** `job_wait` and `job_reply` unless given. */
  readonly siblings?: Siblings;
}

/** @param agent its name, as in `<name>_start`. */
export function agentStart(agent: string, options: AgentStartOptions = {}): Tool {
  return defineTool(agentStartSpec(agent, options));
}

/** As {@link agentStart}, for tools that start the same job under another name. */
export function agentStartSpec(
  agent: string,
  { title = agentTitle(agent), siblings = { wait: "job_wait", reply: "job_reply" } }: AgentStartOptions = {},
) {
  const { wait, reply } = siblings;
  const input = z.object({
    ...START_PARAMETERS,
    approval_policy: shape.approval_policy.describe(policyWords(agent)),
  });
  return toolSpec({
    name: `${agent}_start`,
    title: `Start ${/^[aeiou]/i.test(title) ? "an" : "a"} ${title} job`,
    description:
      `Delegates a coding task to ${title}: starts this coding agent in a background job and answers with its ` +
      "job_id at once. For work of over a minute or beside yours" +
      `${reply === undefined ? "" : `; ${reply} continues a job`}. Then do other work and ${wait}. ` +
      "Jobs outlive this session; those that may write in one git work tree run one by one. " +
      "It does not wait; its agent asks only under policy ask.",
    input,
    output: ReceiptOutput,
    annotations: LETS_AN_AGENT_WORK,
    startsJob: true,
    async run(args, context) {
      const request = { ...args, agent, origin: context.origin };
      return receiptAnswer(await context.own.start(request, { signal: context.signal }), context, { wait });
    },
  });
}

/** An agent by what people call it, and by its name where they could not guess that. */
function calledBy({ name, title = agentTitle(name) }: Pick<ListedAgent, "name" | "title">): string {
  return title.toLowerCase().startsWith(name) ? title : `${title} (${name})`;
}

/**
 * One start for every agent.
 *
 * @param agents those that are found, for the list of tools; `undefined` for calls: what is missing is then told by who
 * starts.
 */
export function jobStart(agents?: readonly Pick<ListedAgent, "name" | "title">[]): Tool {
  const agent = agents === undefined
    ? z.string().trim().toLowerCase().pipe(AgentName)
    : z.enum(agents.map(({ name }) => name));
  const others = (agents ?? []).filter(({ name }) => name !== DEFAULT_AGENT).map(calledBy).join(", ");
  return defineTool({
    name: "job_start",
    title: "Start a coding agent's job",
    description:
      `Delegates a coding task to another coding agent${others === "" ? "" : ` (${others})`}: runs it in a ` +
      "background job and answers with its job_id at once. For work of over a minute or beside yours; job_reply " +
      "continues a job. Then do other work and job_wait. Jobs outlive this session; those that may write in one git " +
      "work tree run one by one. It does not wait; its agent asks only under policy ask.",
    input: z.object({
      agent: agent.describe("who does it"),
      ...START_PARAMETERS,
      approval_policy: shape.approval_policy.describe(policyWords(null)),
    }),
    output: ReceiptOutput,
    annotations: LETS_AN_AGENT_WORK,
    startsJob: true,
    async run(args, context) {
      const request = { ...args, origin: context.origin };
      return receiptAnswer(await context.own.start(request, { signal: context.signal }), context);
    },
  });
}
