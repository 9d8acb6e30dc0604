/**
 * Real hosts: their model asks for a job of another agent, waits for it and answers with its result. Only the words of
 * the models are ours; the hosts, the protocol, the server, the daemon and the workers are real.
 */
import assert from "node:assert/strict";
import { type Asked, mcpCall, shell, type Step, text } from "../model/scenario.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { type HostName, runHost, SERVER } from "../support/real_host.ts";

/** A host gives its model the structured content or the text. */
const JOB_ID = /(?:job_id\W+|Job )([0-9a-hjkmnp-tv-z]{8})\b/;

/** A host that never gets what it asks for would go on for ever. */
const MOST_CALLS = 20;

/** The tool of the default toolset that starts a job of an agent. */
function startOf(worker: string): string {
  return worker === "codex" ? "codex_start" : "job_start";
}

/** What the host's model does with each answer of the program. */
function delegation(worker: string, cwd: string): Step {
  const start = { prompt: "Count to 42. [[scenario worker]]", cwd, approval_policy: "full-auto" };
  return ({ toolResults, body }: Asked) => {
    if (toolResults.length > MOST_CALLS) return text(`Nothing helped: ${toolResults.at(-1)}`);
    const answers = toolResults.filter((result) => JOB_ID.test(result));
    const [started, ended] = answers;
    if (started === undefined) {
      // Claude Code 2.1.197 does not wait for its servers: until ours has answered, there are no tools.
      const tool = startOf(worker);
      const isThere = JSON.stringify(body).includes(tool);
      const agent = tool === "job_start" ? { agent: worker } : {};
      return isThere ? mcpCall(SERVER, tool, { ...agent, ...start }) : shell("true");
    }
    if (ended === undefined) return mcpCall(SERVER, "job_wait", { job_ids: [JOB_ID.exec(started)?.[1]] });
    return text(`The worker: ${/It counted \d+ numbers/.exec(ended)?.[0] ?? ended}`);
  };
}

/** Its answer is in what its command printed. */
const COUNTING: Step[] = [
  shell("seq 42 | wc -l"),
  ({ toolResults }) => text(`It counted ${/\b42\b/.exec(toolResults.at(-1) ?? "")?.[0]} numbers`),
];

const PAIRS: [HostName, "codex" | "claude"][] = [["claude", "codex"], ["codex", "claude"], [
  "gemini",
  "codex",
]];

for (const [host, worker] of PAIRS) {
  Deno.test(`real hosts: ${host} starts a job of ${worker}, waits and answers with its result`, async () => {
    await using stage = await AgentStage.set({ agents: ["codex", "claude", "gemini"] });
    const cwd = stage.state.workspace("job");
    stage.model.script("host", [], delegation(worker, cwd));
    stage.model.script("worker", COUNTING);
    const run = await runHost(stage, host, "Let another agent count. [[scenario host]]");
    const said = `${run.stdout}\n${run.stderr}`;
    assert.deepEqual([run.code, run.answer], [0, "The worker: It counted 42 numbers"], said);
    assert.deepEqual(run.calls, [`${startOf(worker)} completed`, "job_wait completed"], said);
    // The host has left: its job is still there for another one, and was a job of nobody else's.
    const jobId = JOB_ID.exec(run.stdout)?.[1] ?? assert.fail(said);
    const { status, agent, result, commands_run, parent, approval_policy } = await stage.host.poll(jobId);
    assert.deepEqual(
      { status, agent, result, commands_run, parent, approval_policy },
      {
        status: "done",
        agent: worker,
        result: "It counted 42 numbers",
        commands_run: 1,
        parent: undefined,
        approval_policy: "full-auto",
      },
    );
    assert.equal(stage.model.modelRequests("worker").length, 2);
  });
}
