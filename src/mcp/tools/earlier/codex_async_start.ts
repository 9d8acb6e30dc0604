/**
 * Room `mcp`: the tool `codex_async_start` of the toolset `stream`: a start that may leave out the directory.
 *
 * @module
 */
import * as z from "zod";
import { invalidArgument } from "../../../domain/errors.ts";
import { defineTool } from "../definition/define_tool.ts";
import { receiptAnswer, ReceiptOutput } from "../../views/receipt_view.ts";
import { LETS_AN_AGENT_WORK } from "../definition/tool.ts";
import { CODEX_POLICIES, CODEX_SANDBOXES, readCodexPolicy } from "./codex_policy.ts";
import { isRoot } from "../../../system/files/paths.ts";
import { policyWords, START_PARAMETERS } from "../jobs/agent_start.ts";

export const codexAsyncStart = defineTool({
  name: "codex_async_start",
  title: "Start a Codex CLI job",
  description:
    "Hands a coding task to Codex CLI as a background job and answers at once with its job_id and the " +
    "cursor for codex_async_events. Then do other work; codex_async_wait tells when a job has ended, " +
    "codex_async_reply goes on in the same session. Jobs outlive this session; those that may write in one git work " +
    "tree run one by one. It does not wait; its agent asks only under policy ask.",
  input: z.object({
    ...START_PARAMETERS,
    cwd: START_PARAMETERS.cwd.optional().describe(
      "absolute path of an existing directory; default: where the host started this server",
    ),
    sandbox: z.enum(CODEX_SANDBOXES).optional().describe(
      "Codex's words: read-only is suggest, workspace-write auto-edit, danger-full-access full-auto",
    ),
    approval_policy: z.enum(CODEX_POLICIES).optional().describe(
      `${
        policyWords("codex")
      }; never: as sandbox says; on-request, untrusted: ask, within sandbox read-only suggest`,
    ),
  }),
  output: ReceiptOutput.extend({ cursor: z.number().describe("for codex_async_events") }),
  annotations: LETS_AN_AGENT_WORK,
  startsJob: true,
  async run({ sandbox, approval_policy, ...args }, context) {
    const cwd = args.cwd ?? context.hostDirectory;
    // A host that belongs to no project starts its servers in the root directory: no place for a job.
    if (cwd === undefined || (args.cwd === undefined && isRoot(cwd))) {
      throw invalidArgument("cwd", "is required, since this host has no directory of its own");
    }
    const { policy, adjusted } = readCodexPolicy(sandbox, approval_policy, { canAsk: await canCodexAsk() });
    const request = {
      ...args,
      ...(policy === undefined ? {} : { approval_policy: policy }),
      cwd,
      agent: "codex",
      origin: context.origin,
    };
    const receipt = await context.own.start(request, { signal: context.signal });
    const answer = receiptAnswer(receipt, context, { hasCursor: true });
    return adjusted === undefined ? answer : { ...answer, adjusted: [adjusted] };
  },
});

/** The driver is loaded for the few who call this: it comes with all that reads and talks to the agent. */
async function canCodexAsk(): Promise<boolean> {
  const [{ codexDriver }, { policiesOf }] = await Promise.all([
    import("../../../agents/codex/driver.ts"),
    import("../../../agents/driver.ts"),
  ]);
  return policiesOf(codexDriver).includes("ask");
}
