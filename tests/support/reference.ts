/**
 * The README's reference of the tools, made from the tools themselves: `deno task reference` writes it between
 * `<!-- tools -->` and `<!-- /tools -->`, and a test fails when it is stale.
 *
 * @module
 */
import { z } from "zod";
import { definitionOf, type ToolDefinition } from "../../src/mcp/define_tool.ts";
import { TOOLSET_NAMES, type ToolsetName } from "../../src/mcp/toolset_names.ts";
import { listedTools } from "../../src/mcp/toolsets.ts";

export const README = new URL("../../README.md", import.meta.url);

const BEGIN = "<!-- tools -->";
const END = "<!-- /tools -->";

const ABOUT: Record<ToolsetName, string> = {
  jobs:
    "The default. `cursor_start`, `gemini_start`, `claude_start` and the starts of configured agents take the " +
    "same parameters and are there when their CLI is found.",
  codex: "The names of an earlier server for Codex.",
  agents: "The names of an earlier server for several agents.",
  stream: "The names of an earlier server with events and notifications.",
};

const Schema = z.object({
  properties: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      description: z.string(),
      default: z.unknown().optional(),
      enum: z.array(z.string()).optional(),
      items: z.looseObject({ type: z.string().optional() }).optional(),
    }),
  ).default({}),
  required: z.array(z.string()).default([]),
});

/** `readme` with its reference as it ought to be, formatted as `deno fmt` does. */
export async function withReference(readme: string): Promise<string> {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`The README has no ${BEGIN} and ${END}`);
  return await formatted(`${before}${BEGIN}\n\n${reference()}\n\n${END}${after}`);
}

function reference(): string {
  const [first, ...others] = TOOLSET_NAMES;
  return [
    "`--toolsets` and `AGENT_ASYNC_TOOLSETS` choose among the toolsets `jobs`, `codex`, `agents` and `stream`, " +
    "separated by commas; `all` is all of them.",
    `### Toolset \`${first}\``,
    ABOUT[first],
    ...toolsOf(first).map(section),
    ...others.map((name) =>
      [
        `<details>\n<summary>Toolset <code>${name}</code></summary>`,
        ABOUT[name],
        ...toolsOf(name).map(section),
        "</details>",
      ].join("\n\n")
    ),
  ].join("\n\n");
}

function toolsOf(toolset: ToolsetName): ToolDefinition[] {
  return listedTools({ toolsets: [toolset], isInsideJob: false }, []).map(definitionOf);
}

function section(tool: ToolDefinition): string {
  const { properties, required } = Schema.parse(tool.inputSchema);
  const parameters = Object.entries(properties).map(([name, parameter]) => {
    const { type, items, description } = parameter;
    const kind = parameter.enum !== undefined
      ? parameter.enum.map((value) => `\`${value}\``).join(" | ")
      : type === "array"
      ? `${items?.type ?? "any"}[]`
      : type;
    const isRequired = required.includes(name) ? ", required" : "";
    const isDefault = parameter.default === undefined
      ? ""
      : `, default \`${JSON.stringify(parameter.default)}\``;
    return `- \`${name}\` (${kind}${isRequired}${isDefault}): ${plain(description)}`;
  });
  return [
    `**${tool.name}**: ${plain(tool.description)}`,
    ...(parameters.length === 0 ? [] : [parameters.join("\n")]),
  ]
    .join("\n\n");
}

/** Words that Markdown would take for something else. */
function plain(text: string): string {
  return text.replace(/[<>*]/g, (character) => `\\${character}`).replace(/\b[a-z]+(?:_[a-z]+)+\b/g, "`$&`");
}

async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "-"],
    cwd: new URL("./", README),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format the README: deno fmt failed");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.writeTextFile(README, await withReference(await Deno.readTextFile(README)));
}
