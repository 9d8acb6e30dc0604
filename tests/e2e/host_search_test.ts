/**
 * The two hosts that hide tools behind a search of their own: what a model asks for in its user's words brings up the
 * tools that its next two steps need.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { type Asked, search, shell, type Step, text } from "../model/scenario.ts";
import { AgentStage } from "../support/agent_stage.ts";
import { runHost } from "../support/real_host.ts";

/** Users' phrases, and what the next two steps need. */
const PHRASES: readonly [query: string, ...tools: string[]][] = [
  ["delegate the migration to codex in the background", "codex_start", "job_wait"],
  ["delegate coding task to codex background job", "codex_start", "job_wait"],
  ["run another coding agent", "job_start", "job_wait"],
  ["start background job", "codex_start", "job_start", "job_wait"],
  ["ask claude code to review this", "job_start", "job_wait"],
  ["what are my background jobs doing", "job_poll", "job_list"],
  ["wait for the job", "job_wait"],
  ["did codex finish", "job_wait", "job_poll"],
  ["stop the running agent", "job_cancel"],
  ["continue the codex session", "job_reply", "job_wait"],
  // As receipts say it.
  ["job_wait", "job_wait"],
  ["job_reply", "job_reply"],
];

/** Seconds until Codex, which loads its servers in the background, has ours: it takes one or two on an idle machine. */
const LOADING_SECONDS = 6;

/** As many as either search is asked for. */
const MOST = 8;

const Named = z.looseObject({ name: z.string() });
const CodexBody = z.object({
  input: z.array(z.looseObject({
    type: z.string(),
    tools: z.array(z.object({ tools: z.array(Named) })).catch([]),
  })),
});
const ClaudeBody = z.object({
  tools: z.array(Named.extend({ defer_loading: z.boolean().optional() })),
  messages: z.array(z.object({ content: z.unknown() })),
});

const NAMES = /(?<![a-z])(?:codex_start|job_[a-z]+|queue_status)\b/g;

/** The names of our tools in a part of a request. */
function namesIn(value: unknown): string[] {
  return [...new Set(JSON.stringify(value ?? "").match(NAMES) ?? [])];
}

/** One search after another; `found` gets what each request has beside the one before it. */
function searching(added: (body: unknown) => unknown, found: string[][]): Step {
  let asked = -1;
  return ({ body }: Asked) => {
    if (asked < 0) {
      asked = 0;
      return shell(`sleep ${LOADING_SECONDS}`);
    }
    if (asked > 0) found.push(namesIn(added(body)));
    const next = PHRASES[asked++];
    return next === undefined ? text("Searched.") : search(next[0], MOST);
  };
}

function assertFound(found: readonly string[][]): void {
  const missed = PHRASES.flatMap(([query, ...wanted], index) =>
    wanted.filter((name) => found[index]?.includes(name) !== true)
      .map((name) => `${query}: no ${name} in ${found[index]}`)
  );
  assert.deepEqual(missed, []);
  assert.equal(found.length, PHRASES.length);
}

Deno.test("real Codex: its tool_search brings up the tools of the next two steps, by a user's words", async () => {
  await using stage = await AgentStage.set({ agents: ["codex", "claude", "gemini"] });
  const found: string[][] = [];
  // The names alone: descriptions and instructions name other tools.
  const last = (body: unknown) =>
    CodexBody.parse(body).input.findLast(({ type }) => type === "tool_search_output")?.tools
      .flatMap(({ tools }) => tools.map(({ name }) => name)).slice(0, MOST);
  stage.model.script("host", [], searching(last, found));
  // Models that Codex does not know have no search.
  const run = await runHost(stage, "codex", "Search. [[scenario host]]", { model: "gpt-5.5" });
  assert.equal(run.answer, "Searched.", run.stderr);
  assertFound(found);
});

Deno.test("real Claude Code: what the next two steps need is loaded, or its ToolSearch brings it up", async () => {
  await using stage = await AgentStage.set({
    agents: ["codex", "claude", "gemini"],
    // Off where the model is not Anthropic's own server.
    env: { ENABLE_TOOL_SEARCH: "true" },
  });
  const found: string[][] = [];
  const there = (body: unknown) => {
    const { tools, messages } = ClaudeBody.parse(body);
    const loaded = tools.filter(({ defer_loading }) => defer_loading !== true).map(({ name }) => name);
    const answers = messages.flatMap(({ content }) => Array.isArray(content) ? content : []);
    return [loaded, answers.findLast((block) => JSON.stringify(block).includes("tool_reference"))];
  };
  stage.model.script("host", [], searching(there, found));
  const run = await runHost(stage, "claude", "Search. [[scenario host]]", { edit: withoutAlwaysLoad });
  assert.equal(run.answer, "Searched.", run.stderr);
  assertFound(found);
});

Deno.test("real Claude Code: as add-agent registers it, every tool is there without a search", async () => {
  await using stage = await AgentStage.set({
    agents: ["codex", "claude"],
    env: { ENABLE_TOOL_SEARCH: "true" },
  });
  let loaded: string[] = [];
  stage.model.script("host", [], ({ body }: Asked) => {
    const { tools } = ClaudeBody.parse(body);
    loaded = namesIn(tools.filter(({ defer_loading }) => defer_loading !== true).map(({ name }) => name));
    return text("Seen.");
  });
  const run = await runHost(stage, "claude", "Look. [[scenario host]]");
  assert.equal(run.answer, "Seen.", run.stderr);
  const wanted =
    "codex_start job_start job_poll job_wait job_events job_reply job_cancel job_list queue_status";
  assert.deepEqual(wanted.split(" ").filter((name) => !loaded.includes(name)), []);
});

/** As earlier versions have registered it: then the few that begin it all are marked one by one. */
function withoutAlwaysLoad(stage: AgentStage): void {
  const file = `${stage.state.env.HOME}/.claude.json`;
  Deno.writeTextFileSync(
    file,
    Deno.readTextFileSync(file).replace(/,\s*"alwaysLoad": true/, ""),
  );
}
