/**
 * What holds for every agent behind the real MCP server: nothing of a cancelled job is left, and a job outlives its
 * daemon. Gemini CLI and Claude Code are the real ones, Cursor a fixture, and two are the user's own.
 */
import assert from "node:assert/strict";
import { CancelReceipt } from "../../src/service/requests.ts";
import { shell, text } from "../model/scenario.ts";
import { AgentStage, fileIn, processesOf } from "../support/agent_stage.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { OWN_AGENTS } from "../support/own_agents.ts";
import { daemonPid, isAlive, killDaemon } from "../support/program.ts";

const HOLD = fromFileUrl(new URL("../fixtures/agents/hold.sh", import.meta.url));

/** Whose command is the model's idea; the others hold on because the prompt says so. */
const MODEL_DRIVEN: ReadonlySet<string> = new Set(["gemini", "claude"]);
const AGENTS = ["gemini", "claude", "cursor", "writer", "ledger"] as const;
type Agent = typeof AGENTS[number];

interface Held {
  agent: Agent;
  id: string;
  cwd: string;
}

function setStage(): Promise<AgentStage> {
  const config = { limits: { total: 8 }, agents: OWN_AGENTS };
  return AgentStage.set({ agents: ["gemini", "claude", "cursor"], config });
}

/** A job of every agent, each in the middle of a command. */
async function holdAll(stage: AgentStage): Promise<Held[]> {
  return await Promise.all(AGENTS.map(async (agent) => {
    stage.model.script(agent, [shell(`sh '${HOLD}'`), text("Done after all.")]);
    const cwd = stage.state.workspace(`${agent}-held`);
    const prompt = `Please hold on. [[scenario ${agent}]]`;
    const id = await stage.start(agent, prompt, { cwd, approval_policy: "full-auto" });
    await eventually(() => fileIn(cwd, "pids")?.trim().split("\n").length === 2, {
      what: `the command of ${agent}`,
    });
    return { agent, id, cwd };
  }));
}

Deno.test("every agent: cancelled during a command, a job leaves its files and no process", async () => {
  await using stage = await setStage();
  const held = await holdAll(stage);
  await Promise.all(held.map(async ({ agent, id, cwd }) => {
    const carriers = processesOf(id);
    const pids = (fileIn(cwd, "pids") ?? "").trim().split("\n").map(Number);
    assert.ok(pids.every((pid) => carriers.includes(pid)), agent);
    const begun = performance.now();
    const answer = await stage.host.call("job_cancel", { job_id: id }, CancelReceipt);
    assert.equal(answer.status, "cancelled", agent);
    assert.ok(performance.now() - begun < 60_000, agent);
    assert.deepEqual([processesOf(id), carriers.filter(isAlive)], [[], []], agent);
    const job = await stage.host.poll(id);
    assert.deepEqual([job.status, job.reason], ["cancelled", "cancelled"], agent);
    assert.match(job.output, /\[turn 1 cancelled\]$/, agent);
    assert.equal(fileIn(cwd, "log"), "began\n", agent);
  }));
});

/** Everything is there, and once. */
async function assertWhole(stage: AgentStage, { agent, id, cwd }: Held): Promise<void> {
  const job = await stage.host.ended(id);
  assert.deepEqual(
    [job.status, job.reason, job.exit_code, job.turn],
    ["done", "completed", 0, 1],
    job.output,
  );
  assert.equal(fileIn(cwd, "log"), "began\nended\n", agent);
  const events = await stage.events(id);
  const held = events.filter(({ type, command }) => type === "command" && /hold/.test(String(command)));
  const said = events.filter(({ type }) => type === "message").map(({ text }) => text);
  assert.equal(said.length, new Set(said).size, agent);
  assert.equal(events.filter(({ type, state }) => type === "status" && state === "done").length, 1, agent);
  if (agent !== "writer") {
    assert.ok(events.filter(({ type }) => type === "session").length === 1, agent);
    assert.deepEqual(held.map(({ state }) => state), ["started", "completed"]);
    assert.match(String(held.at(-1)?.output), /^began\nended/, agent);
  }
  if (!MODEL_DRIVEN.has(agent)) return;
  assert.equal(job.result, "Done after all.");
  assert.equal(job.usage.total_tokens, 220, agent);
  // Nothing was asked of the model twice.
  assert.equal(stage.model.modelRequests(agent).length, 2, agent);
}

Deno.test("every agent: kill -9 of the daemon during a command, which ends under the next daemon", async () => {
  await using stage = await setStage();
  const held = await holdAll(stage);
  const first = await killDaemon(stage.state);
  for (const { id, agent } of held) assert.equal((await stage.host.poll(id)).status, "running", agent);
  assert.notEqual(daemonPid(stage.state), first);
  for (const { cwd } of held) Deno.writeTextFileSync(`${cwd}/go`, "");
  await Promise.all(held.map((job) => assertWhole(stage, job)));
});

Deno.test("every agent: kill -9 of the daemon during a command, and the job ends while there is none", async () => {
  await using stage = await setStage();
  const held = await holdAll(stage);
  await stage.leave();
  await killDaemon(stage.state);
  for (const { cwd } of held) Deno.writeTextFileSync(`${cwd}/go`, "");
  await eventually(() => held.every(({ id }) => processesOf(id).length === 0), {
    what: "the end of all jobs",
  });
  assert.equal(daemonPid(stage.state), null);
  await stage.join();
  await Promise.all(held.map((job) => assertWhole(stage, job)));
});
