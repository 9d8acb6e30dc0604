/** Which agents there are, through the real server: they come and go while a host is connected, by the host's PATH. */
import assert from "node:assert/strict";
import { z } from "zod";
import { ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { AgentState } from "../../src/service/read_requests.ts";
import { pinnedVersion } from "../support/agents.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { eventually } from "../support/eventually.ts";
import { WRITER } from "../support/own_agents.ts";
import { daemonPid, HostSession } from "../support/program.ts";

const Queue = z.object({ agents: z.array(AgentState) });

async function agents(host: HostSession): Promise<Record<string, string>> {
  const { agents } = await host.call("queue_status", {}, Queue);
  return Object.fromEntries(
    agents.map(({ name, available, version, hint }) => [
      name,
      available ? version ?? "unknown" : hint ?? "",
    ]),
  );
}

/** Whether these versions are told. On a busy machine one may be told later: what did not answer in time is asked again. */
async function isFound(host: HostSession, versions: Record<string, string>): Promise<boolean> {
  const found = await agents(host);
  return Object.entries(versions).every(([name, version]) => found[name] === version);
}

const Agents = z.object({
  properties: z.looseObject({ agent: z.looseObject({ enum: z.array(z.string()) }) }),
});

/** The agents that the listed tools start. */
async function starts(host: HostSession): Promise<string[]> {
  const { tools } = await host.mcp.client.listTools();
  const starts = tools.filter(({ name }) => name.endsWith("_start"));
  assert.ok(starts.length <= 2);
  return starts.flatMap(({ name, inputSchema }) => {
    return name === "job_start"
      ? Agents.parse(inputSchema).properties.agent.enum
      : name.replace("_start", "");
  }).filter((agent, index, all) => all.indexOf(agent) === index);
}

Deno.test("detection: agents that are installed and removed while a host is connected", async () => {
  await using stage = await AgentStage.set({ agents: ["cursor"] });
  const { host } = stage;
  const changes: string[] = [];
  host.mcp.client.setNotificationHandler(
    ToolListChangedNotificationSchema,
    (notification) => void changes.push(notification.method),
  );
  assert.deepEqual(await starts(host), ["cursor"]);
  await eventually(() => isFound(host, { cursor: "2026.09.18-9a7762b" }), { what: "Cursor" });
  const before = await agents(host);
  const daemon = daemonPid(stage.state);
  assert.match(
    before.gemini ?? "",
    /not found on PATH\. Install it with `npm install -g @google\/gemini-cli`/,
  );
  await stage.install("gemini");
  await stage.install("claude");
  await eventually(
    () => isFound(host, { gemini: pinnedVersion("gemini"), claude: pinnedVersion("claude") }),
    {
      what: "both agents and their versions",
    },
  );
  await eventually(async () => (await agents(host), changes.length > 0), {
    what: "the notice of a changed list",
  });
  assert.deepEqual(await starts(host), ["cursor", "gemini", "claude"]);
  const job = await stage.run("claude", "Hello. [[scenario none]]");
  assert.deepEqual([job.status, job.result], ["done", "done"]);
  // Another version behind the same name, and one that is too old.
  Deno.removeSync(`${stage.bin}/claude`);
  const told = (version: string) =>
    Deno.writeTextFileSync(`${stage.bin}/claude`, `#!/bin/sh\necho '${version} (Claude Code)'\n`, {
      mode: 0o755,
    });
  told("2.9.0");
  await eventually(() => isFound(host, { claude: "2.9.0" }), { what: "the other version" });
  told("1.0.0");
  await eventually(async () => /1\.0\.0 is too old/.test((await agents(host)).claude ?? ""), {
    what: "the version that is too old",
  });
  Deno.removeSync(`${stage.bin}/cursor-agent`);
  assert.match((await agents(host)).cursor ?? "", /not found/);
  assert.deepEqual(await starts(host), ["gemini"]);
  assert.equal(daemonPid(stage.state), daemon);
});

Deno.test("detection: an agent of the user's own that is configured while a host is connected", async () => {
  await using stage = await AgentStage.set({ agents: [] });
  assert.deepEqual(await starts(stage.host), ["codex"]);
  const configure = (text: string) => Deno.writeTextFileSync(`${stage.state.home}/config.json`, text);
  configure(JSON.stringify({ agents: { writer: WRITER } }));
  assert.deepEqual(await starts(stage.host), ["writer"]);
  const job = await stage.run("writer", "hello");
  assert.match(job.result ?? "", /You said:\nhello$/);
  // What cannot be used changes nothing.
  configure("{");
  assert.deepEqual(await starts(stage.host), ["writer"]);
});

Deno.test("detection: the PATH that counts is the host's, not that of the daemon", async () => {
  await using stage = await AgentStage.set({ agents: ["cursor"] });
  await eventually(() => isFound(stage.host, { cursor: "2026.09.18-9a7762b" }), { what: "Cursor" });
  const elsewhere = stage.state.workspace("elsewhere");
  const other = `${elsewhere}/cursor-agent`;
  Deno.writeTextFileSync(other, "#!/bin/sh\necho 2026.11.01-abc\n", { mode: 0o755 });
  const path = (directory: string) => ({ ...stage.state.env, PATH: `${directory}:/usr/bin:/bin` });
  await using second = await HostSession.start({ ...stage.state, env: path(elsewhere) });
  await eventually(() => isFound(second, { cursor: "2026.11.01-abc" }), { what: "the other Cursor" });
  await using third = await HostSession.start({ ...stage.state, env: path("/nowhere") });
  assert.match((await agents(third)).cursor ?? "", /not found on PATH/);
  assert.deepEqual(await starts(third), ["codex"]);
  await eventually(() => isFound(stage.host, { cursor: "2026.09.18-9a7762b" }), { what: "the first one" });
});

Deno.test("detection: a program called agent that is no Cursor, and a CLI that never says its version", async () => {
  await using stage = await AgentStage.set({ agents: [] });
  Deno.writeTextFileSync(`${stage.bin}/agent`, "#!/bin/sh\necho agent 1.0\n", { mode: 0o755 });
  Deno.writeTextFileSync(`${stage.bin}/gemini`, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  const begun = performance.now();
  assert.deepEqual(await starts(stage.host), ["gemini"]);
  assert.ok(performance.now() - begun < 30_000);
  const found = await agents(stage.host);
  assert.match(found.cursor ?? "", /not found on PATH/);
  assert.equal(found.gemini, "unknown");
});
