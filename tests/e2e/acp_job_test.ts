/** Real agents that speak ACP as jobs that can be asked and answered, through the real MCP server and daemon. */
import assert from "node:assert/strict";
import { addFile, refuse, shell, text } from "../model/scenario.ts";
import { FURNISH, workSteps } from "../support/acp_bench.ts";
import { AgentStage, fileIn, processesOf } from "../support/agent_stage.ts";
import { type PresetAgent, presetInstall } from "../support/agents.ts";
import { answerFor, askedOf } from "../support/asked_of.ts";
import { eventually } from "../support/eventually.ts";
import { runProgram } from "../support/program.ts";

/** The program beside one agent that its configuration only names. */
async function set(agent: PresetAgent | "gemini"): Promise<AgentStage> {
  if (agent === "gemini") return await AgentStage.set({ agents: ["gemini"] });
  const { executable } = await presetInstall(agent);
  const stage = await AgentStage.set({
    agents: [],
    config: { agents: { [agent]: { command: executable } } },
    env: { OPENAI_API_KEY: "scripted", OPENAI_MODEL: "scripted" },
  });
  return stage;
}

for (const agent of ["opencode", "gemini"] as const) {
  Deno.test(`${agent} as a job: asks, is allowed and refused, goes on in its conversation, is cancelled`, async () => {
    await using stage = await set(agent);
    const home = stage.state.env.HOME ?? "";
    if (agent === "opencode") FURNISH.opencode?.(home, `${stage.model.url}/v1`);
    const cwd = stage.state.workspace("job");
    stage.model.script(
      "work",
      [],
      workSteps([shell("touch allowed.txt"), addFile(`${cwd}/rejected.txt`, "x\n"), text("All done.")]),
    );
    const id = await stage.start(agent, "Work. [[scenario work]]", { cwd, approval_policy: "ask" });
    const [first] = await askedOf(stage.host, id);
    assert.deepEqual([first?.kind, first?.title], ["approval", "Run: touch allowed.txt"]);
    assert.equal(fileIn(cwd, "allowed.txt"), null);
    await answerFor(stage.host, id, { option: "allow" });
    await eventually(async () => (await askedOf(stage.host, id))[0]?.title === `Change ${cwd}/rejected.txt`, {
      what: "the second question",
    });
    await answerFor(stage.host, id, { option: "reject" });
    const job = await stage.host.ended(id);
    assert.equal(job.status, "done", JSON.stringify(job));
    assert.deepEqual(["allowed.txt", "rejected.txt"].map((name) => fileIn(cwd, name)), ["", null]);
    const events = await stage.events(id);
    assert.deepEqual(
      events.filter(({ type }) => type === "answer").map(({ end, option }) => [end, option]),
      [["answered", "allow"], ["answered", "reject"]],
    );
    const states = events.flatMap(({ type, state }) =>
      (type === "command" || type === "file_change") && state !== "started" ? [state] : []
    );
    assert.deepEqual(states, ["completed", "declined"]);
    assert.deepEqual(processesOf(id), []);

    stage.model.script("again", [], workSteps([text("Again.")]));
    const next = await stage.reply(id, "And now? [[scenario again]]");
    assert.deepEqual([next.status, next.result, next.turn], ["done", "Again.", 2]);
    const last = stage.model.modelRequests("again").findLast(({ body }) =>
      JSON.stringify(body).includes("And now?")
    );
    assert.match(JSON.stringify(last?.body), /touch allowed\.txt/);

    stage.model.script("sleep", [], workSteps([shell("sleep 600"), text("never")]));
    const asleep = await stage.start(agent, "Sleep. [[scenario sleep]]", { approval_policy: "ask" });
    await askedOf(stage.host, asleep);
    await answerFor(stage.host, asleep, { option: "allow" });
    await eventually(() => processesOf(asleep).some((pid) => isSleep(pid)), { what: "the command" });
    const cancelled = await runProgram(stage.state, ["cancel", asleep]);
    assert.equal(cancelled.code, 0, cancelled.stderr);
    assert.equal((await stage.host.ended(asleep)).status, "cancelled");
    assert.deepEqual(processesOf(asleep), []);

    stage.model.script("login", [], workSteps(Array.from({ length: 30 }, () => refuse(401))));
    const refused = await stage.run(agent, "Go. [[scenario login]]", { approval_policy: "ask" });
    assert.deepEqual([refused.status, refused.reason], ["error", "auth_required"]);
  });
}

function isSleep(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`) === "sleep\0" + "600\0";
  } catch {
    return false;
  }
}
