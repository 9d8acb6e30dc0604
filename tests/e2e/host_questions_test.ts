/**
 * What a job of the real Claude Code asks, at real hosts: shown to the person by an interactive Claude Code, and left open
 * by hosts that run without one, whose models hear of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Asked, mcpCall, shell, type Step, text } from "../model/scenario.ts";
import { AgentStage, fileIn } from "../support/agent_stage.ts";
import { answerFor } from "../support/asked_of.ts";
import { eventually } from "../support/eventually.ts";
import { idleSession } from "../support/claude_session.ts";
import { runProgram } from "../support/program.ts";
import { RecordedWire } from "../support/recorded_wire.ts";
import { type HostName, runHost, SERVER } from "../support/real_host.ts";

const JOB_ID = /(?:job_id\W+|Job )([0-9a-hjkmnp-tv-z]{8})\b/;

/** A host that never gets what it asks for would go on for ever. */
const MOST_CALLS = 30;

const BETWEEN_KEYS_MS = 1_000;

const WORK: readonly Step[] = [shell("touch allowed.txt"), text("The work is done.")];

const START = { tool: "job_start", args: { agent: "claude", approval_policy: "ask" } };

Deno.test("real Claude Code: its person is shown what a job asks, and the answer lets the job go on", async () => {
  await using stack = new AsyncDisposableStack();
  const { terminal, cwd } = await idleSession(stack, {
    install: async (stage) => {
      const { code, stderr } = await runProgram(stage.state, ["add-agent", "claude-code", "--allow"]);
      assert.equal(code, 0, stderr);
      return SERVER;
    },
    start: START,
    worker: WORK,
    woken: (said) =>
      /<summary>MCP task [0-9a-z]{8}.*The work is done/s.test(said) ? "WOKEN with the result" : null,
  });
  const screen = await terminal.until(/requests your input/, "the dialog");
  assert.match(screen, /claude, job [0-9a-z]{8}, asks: Run: touch allowed\.txt/);
  assert.equal(fileIn(cwd, "allowed.txt"), null);
  await terminal.press("Right");
  await terminal.until(/◯ Allow this once/, "the options");
  await terminal.press("Enter");
  await terminal.until(/✔ Answer: Allow this once/, "the choice");
  await terminal.press("Down");
  await terminal.until(/❯ Accept/, "the button");
  // A dialog passes over keys that come as quickly as no person types.
  await eventually(async () => {
    if (!/requests your input/.test(await terminal.screen())) return true;
    await terminal.press("Enter");
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_KEYS_MS));
    return false;
  }, { what: "the dialog to close" });
  await terminal.until(/WOKEN with the result/, "the session to go on");
  assert.equal(fileIn(cwd, "allowed.txt"), "");
});

/** How each host asks its person, and where its registration is. */
const HOSTS: Partial<Record<HostName, { method: string; config: (stage: AgentStage) => string }>> = {
  claude: { method: "input_required", config: ({ state }) => join(state.env.HOME ?? "", ".claude.json") },
  codex: {
    method: "elicitation/create",
    config: ({ state }) => join(state.env.CODEX_HOME ?? "", "config.toml"),
  },
};

for (const host of ["claude", "codex"] as const) {
  Deno.test(`real ${host}, run without a person: a question stays open, and its model hears of it`, async () => {
    await using stage = await AgentStage.set({ agents: ["claude", "codex"] });
    const { method, config } = HOSTS[host] ?? assert.fail(host);
    const wire = new RecordedWire(stage.state.workspace("wire"));
    const cwd = stage.state.workspace("job");
    stage.model.script("worker", [...WORK]);
    let isAnswered = false;
    stage.model.script("host", [], ({ toolResults, body }: Asked) => {
      if (toolResults.length > MOST_CALLS) return text(`Nothing helped: ${toolResults.at(-1)}`);
      if (toolResults.some((result) => /The work is done/.test(result))) {
        return text("The worker: The work is done.");
      }
      const jobId = toolResults.map((result) => JOB_ID.exec(result)?.[1]).find((id) => id !== undefined);
      if (jobId === undefined) {
        if (!JSON.stringify(body).includes(START.tool)) return shell("true");
        return mcpCall(SERVER, START.tool, { ...START.args, prompt: "Work. [[scenario worker]]", cwd });
      }
      const wait = mcpCall(SERVER, "job_wait", { job_ids: [jobId] });
      const isTold = toolResults.some((result) => /touch allowed\.txt/.test(result));
      if (!isTold || isAnswered) return wait;
      isAnswered = true;
      return { items: [wait], after: answerFor(stage.host, jobId, { option: "allow" }) };
    });
    const run = await runHost(stage, host, "Let another agent work. [[scenario host]]", {
      edit: (set) => wire.recordIn(config(set)),
    });
    assert.equal(run.answer, "The worker: The work is done.", `${run.stdout.slice(-2_000)}\n${run.stderr}`);
    assert.equal(isAnswered, true);
    assert.equal(fileIn(cwd, "allowed.txt"), "");
    const asked = wire.said().filter(({ by, message }) =>
      by === "server" && (message.method === method || message.result?.resultType === method)
    );
    assert.equal(asked.length, 1, "the person is asked once");
  });
}
