/** `config`: keys that nobody has set, and what is said of a change. */
import assert from "node:assert/strict";
import { makeStateHome } from "../support/state_home.ts";
import { commandLine } from "./command_line.ts";

async function get(key: string, env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await commandLine(["config", "get", key], {
    env: { HOME: "/nobody", AGENT_ASYNC_HOME: "/nobody/state", ...env },
  });
  return code === 0 ? JSON.parse(stdout) : stderr;
}

Deno.test("config get: a built-in agent about which nothing is said has its defaults", async () => {
  assert.equal(await get("agents.codex.model"), null);
  assert.equal(await get("agents.codex.command"), null);
  assert.equal(await get("agents.codex.mcp"), "none");
  const env = { AGENT_ASYNC_AGENTS_CODEX_MODEL: "big" };
  assert.equal(await get("agents.codex.model", env), "big");
  assert.deepEqual(await get("agents.codex.args", env), []);
});

Deno.test("config get: a key that does not exist is refused with the nearest right one", async () => {
  assert.match(
    await get("agents.codex.modl"),
    /async: agents\.codex\.modl: no such key \(did you mean agents\.codex\.model\?\)/,
  );
  assert.match(await get("agents.aider.command"), /agents\.aider\.command: no such key/);
});

Deno.test("config set and unset: say what stands in the file, and what counts instead of it", async () => {
  await using state = makeStateHome();
  const path = `${state.home}/config.json`;
  const said = async (...args: string[]) => {
    const env = { AGENT_ASYNC_HOME: state.home, AGENT_ASYNC_LIMITS_TOTAL: "3" };
    const { code, stderr } = await commandLine(["config", ...args], { env });
    assert.equal(code, 0, stderr);
    return stderr;
  };
  assert.equal(
    await said("set", "toolsets", "jobs, codex"),
    `Set toolsets to ["jobs","codex"] in ${path}.\n`,
  );
  const secret = '{"OPENAI_API_KEY":"sk-secret"}';
  assert.equal(await said("set", "agents.codex.env", secret), `Set agents.codex.env in ${path}.\n`);
  const listed = async (...args: string[]) => {
    return (await commandLine(["config", ...args], { env: { AGENT_ASYNC_HOME: state.home } })).stdout;
  };
  assert.match(await listed(), /^agents\.codex\.env = \{"OPENAI_API_KEY":"\*\*\*"\} {3}\(file /m);
  assert.match(await listed("get", "agents.codex.env"), /"sk-secret"/);
  const counts = "AGENT_ASYNC_LIMITS_TOTAL is set in this environment, and counts instead of the file.\n";
  assert.equal(await said("set", "limits.total", "8"), `Set limits.total to 8 in ${path}.\n${counts}`);
  assert.equal(await said("unset", "limits.total"), `limits.total is not set in ${path}.\n${counts}`);
});
