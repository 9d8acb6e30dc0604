/**
 * Room `mcp`: the tools `<agent>_start`, one for each agent.
 *
 * @module
 */
import { z } from "zod";
import { StartRequest } from "../../service/requests.ts";
import { agentTitle } from "../agent_titles.ts";
import { JobIdArgument } from "../arguments.ts";
import { defineTool } from "../define_tool.ts";
import { receiptAnswer, ReceiptOutput } from "../receipt_view.ts";
import { LETS_AN_AGENT_WORK, type Tool } from "../tool.ts";

const { shape } = StartRequest;

const input = z.object({
  prompt: shape.prompt.describe("the whole task; the agent sees only this and the files under cwd"),
  cwd: shape.cwd.describe("absolute path of an existing directory"),
  approval_policy: shape.approval_policy.describe(
    "suggest: reads only. auto-edit (default): writes inside cwd. full-auto: no sandbox, no questions",
  ),
  context_files: shape.context_files.describe("paths under cwd whose text goes into the prompt"),
  model: shape.model.describe("passed to the agent"),
  timeout_seconds: shape.timeout_seconds.describe("limit of this turn, default 7200"),
  after: z.array(JobIdArgument).max(50).optional().describe("job ids that must be done first"),
  priority: shape.priority.describe("higher goes first, default 0"),
  fallback: shape.fallback.describe(
    "agents to try in turn when this one cannot work (usage limit, login, not installed) and changed nothing",
  ),
  retry_on_limit: shape.retry_on_limit.describe("on a usage limit with a known end, wait and resume"),
  request_key: shape.request_key.describe("same key, same job: safe to call again"),
});

/** @param agent its name, as in `<name>_start`. */
export function agentStart(agent: string): Tool {
  const title = agentTitle(agent);
  return defineTool({
    name: `${agent}_start`,
    title: `Start a ${title} job`,
    description:
      `Hands a coding task to ${title} as a durable background job and answers with its job_id at once, ` +
      "before any work is done. Use it for work that takes more than a minute or can go on beside yours; " +
      "job_reply continues an earlier job. Then do other work, and job_wait for the end. " +
      "Jobs that may write in one git work tree run one after the other. " +
      "It outlives this session. It does not wait, and it asks nobody questions.",
    input,
    output: ReceiptOutput,
    annotations: LETS_AN_AGENT_WORK,
    async run(args, context) {
      const request = { ...args, agent, origin: context.origin };
      return receiptAnswer(await context.service.start(request, { signal: context.signal }));
    },
  });
}
