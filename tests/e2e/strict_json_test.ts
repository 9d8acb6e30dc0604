/**
 * An agent that cuts its texts in the middle of a character: hosts and programs whose JSON parsers refuse halves of
 * surrogate pairs read its job all the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileIn } from "../support/agent_stage.ts";
import { eventually } from "../support/eventually.ts";
import { runProgram, shutDown } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";

/** Not where the backslash is one of the text. */
const HALF = /(?<!\\)\\ud[89a-f]/i;

Deno.test("half a character in an agent's message is whole in every answer, on the wire and in --json", async () => {
  await using state = makeStateHome({
    on_finish: ["sh", "-c", 'cd "$AGENT_ASYNC_HOME" && cat >new && mv new told'],
  });
  const said = String.raw`{"type":"item.completed","item":{"type":"agent_message","text":"cut \ud83d"}}`;
  const ran = await runProgram(state, ["run", "--json", `raw ${said}`]);
  const { job_id, result } = JSON.parse(ran.stdout);
  assert.equal(result, "cut \ufffd");

  const requests = [
    ["initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "x", version: "1" },
    }],
    ["tools/call", { name: "job_poll", arguments: { job_id } }],
    ["tools/call", { name: "job_events", arguments: { job_id, types: ["message"] } }],
    ["resources/read", { uri: `job://${job_id}` }],
  ] as const;
  const lines = requests.map(([method, params], id) =>
    JSON.stringify({ jsonrpc: "2.0", id, method, params })
  );
  const served = await runProgram(state, ["mcp"], { stdin: `${lines.join("\n")}\n` });
  const answers = served.stdout.trim().split("\n");
  assert.equal(answers.filter((line) => line.includes("cut \ufffd")).length, 3, served.stdout);
  assert.doesNotMatch(served.stdout, HALF);
  for (const command of [["show"], ["events"], ["events", "--follow"]]) {
    const { stdout } = await runProgram(state, [...command, job_id, "--json"]);
    assert.match(stdout, /cut \ufffd/);
    assert.doesNotMatch(stdout, HALF);
  }
  const told = await eventually(() => fileIn(state.home, "told"), { what: "the command at the job's end" });
  assert.equal(JSON.parse(told).result, "cut \ufffd");
  await shutDown(state);
});
