/**
 * Room `mcp`: the tool `codex_async_start` of the toolset `stream`: a start that may leave out the directory.
 *
 * @module
 */
import { parse } from "node:path";
import * as z from "zod";
import { invalidArgument } from "../../domain/errors.ts";
import { defineTool } from "../define_tool.ts";
import { receiptAnswer, ReceiptOutput } from "../receipt_view.ts";
import { LETS_AN_AGENT_WORK } from "../tool.ts";
import { START_PARAMETERS } from "./agent_start.ts";

export const codexAsyncStart = defineTool({
  name: "codex_async_start",
  title: "Start a Codex CLI job",
  description:
    "Hands a coding task to Codex CLI as a background job and answers at once with its job_id and the " +
    "cursor for codex_async_events. Then do other work; codex_async_wait tells when a job has ended, " +
    "codex_async_reply goes on in the same session. Jobs outlive this session; those that may write in one git work " +
    "tree run one by one. It does not wait and asks no questions.",
  input: z.object({
    ...START_PARAMETERS,
    cwd: START_PARAMETERS.cwd.optional().describe(
      "absolute path of an existing directory; default: where the host started this server",
    ),
  }),
  output: ReceiptOutput.extend({ cursor: z.number().describe("for codex_async_events") }),
  annotations: LETS_AN_AGENT_WORK,
  async run(args, context) {
    const cwd = args.cwd ?? context.hostDirectory;
    // A host that belongs to no project starts its servers at the top.
    if (cwd === undefined || (args.cwd === undefined && parse(cwd).root === cwd)) {
      throw invalidArgument("cwd", "is required, since this host has no directory of its own");
    }
    const request = { ...args, cwd, agent: "codex", origin: context.origin };
    return receiptAnswer(await context.own.start(request, { signal: context.signal }), context);
  },
});
