/**
 * Real hosts that speak OpenAI's Chat Completions: registered by `add-agent`, their model starts a job, waits for it and
 * answers with its result, by the names that receipts tell.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ChatApi } from "../model/chat_api.ts";
import { type Asked, text } from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { CHAT_HOST_NAMES, chatToolName, runChatHost } from "../support/chat_host.ts";

const JOB_ID = /(?:job_id\W+|Job )([0-9a-hjkmnp-tv-z]{8})\b/;

/** A host that never gets what it asks for would go on for ever. */
const MOST_CALLS = 20;

for (const host of CHAT_HOST_NAMES) {
  Deno.test(`real hosts: ${host} starts a job of codex, waits and uses its result`, async () => {
    await using stage = await AgentStage.set({ agents: ["codex"] });
    await using model = ModelServer.start({ apis: [new ChatApi()] });
    const cwd = stage.state.workspace("job");
    const nameOf = (tool: string) => chatToolName(host, tool);
    stage.model.script("worker", [text("The work is done.")]);
    let answers: string[] = [];
    model.script("host", [], ({ toolResults }: Asked) => {
      answers = toolResults.filter((result) => JOB_ID.test(result));
      const [receipt, ended] = answers;
      if (ended !== undefined) return text(`The worker: ${/The work is done/.exec(ended)?.[0] ?? ended}`);
      if (toolResults.length > MOST_CALLS) return text(`Nothing helped: ${toolResults.at(-1)}`);
      return receipt === undefined
        ? {
          kind: "tool",
          tool: nameOf("codex_start"),
          arguments: { prompt: "Work. [[scenario worker]]", cwd, approval_policy: "full-auto" },
        }
        : { kind: "tool", tool: nameOf("job_wait"), arguments: { job_ids: [JOB_ID.exec(receipt)?.[1]] } };
    });
    const { code, stdout: said, stderr: errors } = await runChatHost(stage, host, {
      model,
      prompt: "Let another agent work.",
    });
    assert.equal(code, 0, errors);
    assert.match(said, /The worker: The work is done/, `${said.slice(-3_000)}\n${errors.slice(-2_000)}`);
    // The receipt names the tool as this host's model calls it.
    assert.ok(answers[0]?.includes(`then call ${nameOf("job_wait")} (`), answers[0]);
    const isFenced = /agent-[0-9a-z]{6}>The work is done|begin final message of codex/.test(answers[1] ?? "");
    assert.ok(isFenced, answers[1]);
  });
}
