/** `config get` of keys that nobody has set. */
import assert from "node:assert/strict";
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
    /there is no agents\.codex\.modl; did you mean agents\.codex\.model\?/,
  );
  assert.match(await get("agents.aider.command"), /there is no agents\.aider\.command/);
});
