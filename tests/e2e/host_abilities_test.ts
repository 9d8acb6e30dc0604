/**
 * What each real host can do with this server, seen on the wire between them. `docs/hosts.md` quotes the record; after a
 * wanted change: `UPDATE_SNAPSHOTS=1 deno task test tests/e2e/host_abilities_test.ts`, then `deno task reference`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { ChatApi } from "../model/chat_api.ts";
import { type Asked, type Item, mcpCall, search, shell, type Step, text } from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { AgentStage, type StagedAgent } from "../support/agent_stage.ts";
import { pinnedVersion } from "../support/agents.ts";
import { CHAT_HOST_NAMES, chatHostVersion, chatToolName, runChatHost } from "../support/chat_host.ts";
import { abilitiesOf, recordAbilities, recordedAbilities } from "../support/host_abilities.ts";
import { type HostName, runHost, SERVER } from "../support/real_host.ts";
import { RecordedWire } from "../support/recorded_wire.ts";

const JOB_ID = /(?:job_id\W+|Job )([0-9a-hjkmnp-tv-z]{8})\b/;

/** Seconds of a wait for a job that goes on: longer than the least time between two looks for agents. */
const SHORT = 2;

/** A host that never gets what it asks for would go on for ever. */
const MOST_CALLS = 30;

type Call = (tool: string, args: Record<string, unknown>) => Item;

interface Course {
  readonly step: Step;
  /** All tools that the host has shown to its model. */
  readonly toolNames: Set<string>;
}

/** The host's model starts a job, waits while an agent is installed, lets the job end and answers with its result. */
function courseOf(stage: AgentStage, call: Call): Course {
  const gate = join(stage.state.workspace("gate"), "open");
  const cwd = stage.state.workspace("job");
  stage.model.script("worker", [
    shell(`until [ -e '${gate}' ]; do sleep 0.1; done`),
    text("The work is done."),
  ]);
  const toolNames = new Set<string>();
  let waits = 0;
  const step = ({ toolResults, body }: Asked) => {
    for (const name of namesIn(body)) toolNames.add(name);
    if (toolResults.length > MOST_CALLS) return text(`Nothing helped: ${toolResults.at(-1)}`);
    if (toolResults.some((result) => /The work is done/.test(result))) {
      return text("The worker: The work is done.");
    }
    const jobId = toolResults.map((result) => JOB_ID.exec(result)?.[1]).find((id) => id !== undefined);
    if (jobId === undefined) {
      if (!JSON.stringify(body).includes("codex_start")) {
        // Some do not wait for their servers: until ours has answered, there are no tools. Others hide them.
        const isHiding = toolNames.has("tool_search") && toolResults.length % 2 === 1;
        return isHiding ? search("start a background job of codex, wait for the job", 8) : shell("sleep 1");
      }
      const prompt = "Work. [[scenario worker]]";
      return call("codex_start", { prompt, cwd, approval_policy: "full-auto" });
    }
    waits++;
    const wait = (seconds: number) => call("job_wait", { job_ids: [jobId], timeout_seconds: seconds });
    // The answer to the first wait is followed by a look for agents without, to the second by one with it.
    if (waits === 2) return { items: [wait(SHORT)], after: stage.install("cursor") };
    if (waits <= 4) return wait(SHORT);
    Deno.writeTextFileSync(gate, "");
    return wait(50);
  };
  return { step, toolNames };
}

const Named = z.looseObject({ name: z.string().optional(), type: z.string().optional() });
const Body = z.looseObject({
  tools: z.array(z.looseObject({
    name: z.string().optional(),
    type: z.string().optional(),
    function: Named.optional(),
    functionDeclarations: z.array(Named).optional(),
  })).catch([]),
});

function namesIn(body: unknown): string[] {
  return Body.catch({ tools: [] }).parse(body).tools.flatMap((tool) =>
    [tool, tool.function, ...tool.functionDeclarations ?? []].flatMap((one) => one?.name ?? one?.type ?? [])
  );
}

function assertAbilities(
  host: string,
  wire: RecordedWire,
  given: { version: string; toolNames: Set<string> },
): void {
  const said = wire.said();
  const abilities = abilitiesOf(said, { ...given, toolNames: [...given.toolNames] });
  const methods = said.filter(({ by }) => by === "host").map(({ message }) => message.method);
  assert.ok(methods.includes("tools/call"), methods.join(", "));
  if (abilities.revision.startsWith("2026")) {
    const older = said.filter(({ by, message }) =>
      by === "host" && message.id !== undefined &&
      !JSON.stringify(message.params ?? {}).includes("io.modelcontextprotocol/protocolVersion")
    );
    assert.deepEqual(older, [], "every request of this era says so");
  }
  if (Deno.env.get("UPDATE_SNAPSHOTS") === "1") recordAbilities(host, abilities);
  assert.deepEqual(abilities, recordedAbilities()[host]);
}

const CONFIGS: Record<HostName, (stage: AgentStage) => string> = {
  claude: ({ state }) => join(state.env.HOME ?? "", ".claude.json"),
  codex: ({ state }) => join(state.env.CODEX_HOME ?? "", "config.toml"),
  gemini: ({ state }) => join(state.env.GEMINI_CLI_HOME ?? "", ".gemini", "settings.json"),
};

/** Models that a host does not know have no search. */
const MODELS: Partial<Record<HostName, string>> = { codex: "gpt-5.5" };

const AGENTS: Record<HostName, readonly StagedAgent[]> = {
  claude: ["codex", "claude"],
  codex: ["codex"],
  gemini: ["codex", "gemini"],
};

for (const host of ["claude", "codex", "gemini"] as const) {
  Deno.test(`real hosts: what ${host} can do is what is recorded`, async () => {
    await using stage = await AgentStage.set({ agents: AGENTS[host], env: { ENABLE_TOOL_SEARCH: "true" } });
    const wire = new RecordedWire(stage.state.workspace("wire"));
    const { step, toolNames } = courseOf(stage, (tool, args) => mcpCall(SERVER, tool, args));
    stage.model.script("host", [], step);
    const model = MODELS[host];
    const run = await runHost(stage, host, "Let another agent work. [[scenario host]]", {
      ...(model === undefined ? {} : { model }),
      edit: (set) => wire.recordIn(CONFIGS[host](set)),
    });
    assert.equal(run.answer, "The worker: The work is done.", `${run.stdout.slice(-2_000)}\n${run.stderr}`);
    const id = host === "claude" ? "claude-code" : host;
    assertAbilities(id, wire, { version: pinnedVersion(host), toolNames });
  });
}

for (const host of CHAT_HOST_NAMES) {
  Deno.test(`real hosts: what ${host} can do is what is recorded`, async () => {
    await using stage = await AgentStage.set({ agents: ["codex"] });
    await using model = ModelServer.start({ apis: [new ChatApi()] });
    const wire = new RecordedWire(stage.state.workspace("wire"));
    const call: Call = (tool, args) => ({ kind: "tool", tool: chatToolName(host, tool), arguments: args });
    const { step, toolNames } = courseOf(stage, call);
    model.script("host", [], step);
    const run = await runChatHost(stage, host, {
      model,
      prompt: "Let another agent work.",
      edit: (file) => wire.recordIn(file),
    });
    assert.match(run.stdout, /The worker: The work is done/, `${run.stdout.slice(-2_000)}\n${run.stderr}`);
    assertAbilities(host, wire, { version: chatHostVersion(host), toolNames });
  });
}
