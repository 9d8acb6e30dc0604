/**
 * goose, Auggie and Cursor over ACP as jobs, through the real MCP server and daemon: a fixture speaks their documented
 * and recorded words.
 */
import assert from "node:assert/strict";
import { Receipt } from "../../src/service/requests.ts";
import { AgentStage, fileIn, processesOf } from "../support/agent_stage.ts";
import { answerFor, askedOf } from "../support/asked_of.ts";
import { eventually } from "../support/eventually.ts";
import { runProgram } from "../support/program.ts";
import { SPOKEN_ENTRIES, spokenExecutable } from "../support/spoken_words.ts";

const ASK = { approval_policy: "ask" } as const;

for (const agent of ["goose", "auggie", "cursor"] as const) {
  Deno.test(`${agent}, as it is documented, as a job: asks, goes on in its session, is cancelled, fails`, async () => {
    const directory = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => Deno.removeSync(directory, { recursive: true }));
    const command = spokenExecutable(agent, directory);
    // A preset needs only the command; what Cursor speaks stands beside the agent of that name.
    const name = agent === "cursor" ? "cursor-acp" : agent;
    const entry = agent === "cursor" ? { ...SPOKEN_ENTRIES.cursor, command } : { command };
    const stage = stack.use(await AgentStage.set({ agents: [], config: { agents: { [name]: entry } } }));
    const cwd = stage.state.workspace("job");

    const id = await stage.start(name, "One.", { ...ASK, cwd });
    const [question] = await askedOf(stage.host, id);
    assert.equal(question?.title, "Run: touch made.txt");
    assert.equal(fileIn(cwd, "made.txt"), null);
    await answerFor(stage.host, id, { option: "reject" });
    if (agent === "goose") await allowWrite(stage, id, cwd);
    const first = await stage.host.ended(id);
    assert.deepEqual([first.status, first.result], ["done", "Asked: One."]);
    assert.deepEqual([fileIn(cwd, "made.txt"), fileIn(cwd, "new.txt")], [null, "x\n"]);
    const states = (await stage.events(id)).filter(({ type }) => type === "command").map(({ state }) =>
      state
    );
    assert.deepEqual(states, ["started", "declined"]);

    await stage.host.call("job_reply", { job_id: id, prompt: "Two." }, Receipt);
    await askedOf(stage.host, id);
    await answerFor(stage.host, id, { option: "allow" });
    if (agent === "goose") await allowWrite(stage, id, cwd);
    const second = await stage.host.ended(id);
    assert.deepEqual([second.status, second.result, second.turn], ["done", "Asked: One., Two.", 2]);
    assert.equal(fileIn(cwd, "made.txt"), "");

    const asleep = await stage.start(name, "hold on", ASK);
    await askedOf(stage.host, asleep);
    await answerFor(stage.host, asleep, { option: "allow" });
    await eventually(() => processesOf(asleep).some(isSleep), { what: "the command" });
    const cancelled = await runProgram(stage.state, ["cancel", asleep]);
    assert.equal(cancelled.code, 0, cancelled.stderr);
    assert.equal((await stage.host.ended(asleep)).status, "cancelled");
    assert.deepEqual(processesOf(asleep), []);

    const refused = await stage.run(name, "401", ASK);
    assert.deepEqual([refused.status, refused.reason], ["error", "auth_required"], JSON.stringify(refused));
    assert.match(refused.hint ?? "", /`(?:goose configure|auggie login|agent login)`/);
  });
}

/** goose asks about its file too. */
async function allowWrite(stage: AgentStage, id: string, cwd: string): Promise<void> {
  await eventually(async () => (await askedOf(stage.host, id))[0]?.title === `Change ${cwd}/new.txt`, {
    what: "the question about the file",
  });
  await answerFor(stage.host, id, { option: "allow" });
}

function isSleep(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`) === "sleep\0" + "600\0";
  } catch {
    return false;
  }
}
