/**
 * The two main hosts show a model no tool until it has searched for one. Codex's search is BM25 over names,
 * descriptions and parameters and shows at most eight: what the next two steps need has to come up together.
 *
 * @module
 */
import assert from "node:assert/strict";
import { definitionOf, type ToolDefinition } from "../../src/mcp/tools/definition/define_tool.ts";
import { instructions } from "../../src/mcp/instructions.ts";
import { listedTools } from "../../src/mcp/tools/toolsets.ts";

const MOST = 8;

function tools(agents: string[]): ToolDefinition[] {
  const found = agents.map((name) => ({ name, available: true }));
  return listedTools({ toolsets: ["jobs"], isInsideJob: false }, found).map(definitionOf);
}

/** Plain words without endings, which is what stemmers make of them. */
function words(text: string): string[] {
  return (text.toLowerCase().match(/[a-z]+/g) ?? []).filter((word) => !STOP.has(word)).map((word) =>
    word.replace(/(?:ing|ed|es|s)$/, "").replace(/e$/, "")
  );
}

const STOP = new Set(
  "a an and are as at by did do does for from i in is it its me my of on or the this to what with".split(" "),
);

/** Other servers' tools, so that a rank of eight means something. */
const OTHERS = [
  "create_issue Create an issue in a repository",
  "read_file Read the contents of a file",
  "web_search Search the web",
  "send_message Send a message to a channel",
  "run_query Run a query against a database",
  "list_files List the files of a directory",
  "browser_click Click on an element",
  "spawn_agent Spawn an agent in a thread",
  "update_plan Update the plan",
  "get_weather What the weather is",
];

function search(query: string, agents: string[]): string[] {
  const documents = [
    ...tools(agents).map(({ name, title, description, inputSchema }) => {
      const parameters = Object.keys(Object(inputSchema.properties)).join(" ");
      return { name, words: words(`${name.replaceAll("_", " ")} ${title} ${description} ${parameters}`) };
    }),
    ...OTHERS.map((text) => ({ name: text.split(" ")[0] ?? "", words: words(text.replaceAll("_", " ")) })),
  ];
  const average = documents.reduce((sum, one) => sum + one.words.length, 0) / documents.length;
  const scored = documents.map((one) => {
    const score = words(query).reduce((sum, word) => {
      const holders = documents.filter((other) => other.words.includes(word)).length;
      const count = one.words.filter((other) => other === word).length;
      const weight = Math.log(1 + (documents.length - holders + 0.5) / (holders + 0.5));
      return sum + weight * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * one.words.length / average));
    }, 0);
    return { name: one.name, score };
  });
  return scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score).slice(0, MOST).map((
    { name },
  ) => name);
}

const PHRASES: [query: string, ...tools: string[]][] = [
  ["delegate the migration to codex in the background", "codex_start", "job_wait"],
  ["delegate coding task to codex background job", "codex_start", "job_wait"],
  ["run another coding agent", "job_start", "job_wait"],
  ["start background job", "codex_start", "job_start", "job_wait"],
  ["ask claude code to review this", "job_start", "job_wait"],
  ["what are my background jobs doing", "job_poll", "job_list"],
  ["wait for the job", "job_wait"],
  ["did codex finish", "job_wait", "job_poll"],
  ["show what the job changed", "job_poll"],
  ["stop the running agent", "job_cancel"],
  ["continue the codex session", "job_reply", "job_wait"],
  ["list background jobs", "job_list"],
];

for (const [query, ...wanted] of PHRASES) {
  Deno.test(`a search for "${query}" finds ${wanted.join(" and ")}`, () => {
    const found = search(query, ["codex", "claude", "gemini", "cursor"]);
    assert.deepEqual(wanted.filter((name) => !found.includes(name)), [], found.join(", "));
  });
}

Deno.test("the first line of the instructions says what can be had and by which words", () => {
  const [line = ""] = instructions(["jobs"]).split("\n");
  for (const word of ["coding agents", "Codex", "Claude Code", "background job", "job_wait"]) {
    assert.ok(line.includes(word), word);
  }
  assert.ok(line.length <= 250, String(line.length));
});

Deno.test("the starts and job_wait are there from the beginning in a host that hides tools", () => {
  const shown = tools(["codex", "claude"]).filter(({ _meta }) => _meta?.["anthropic/alwaysLoad"] === true);
  assert.deepEqual(shown.map(({ name }) => name), ["codex_start", "job_start", "job_wait"]);
});
