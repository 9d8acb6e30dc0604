/**
 * The README's references of the tools and of the commands, made from their declarations, and the tables that the
 * benchmark and the fault suite have recorded: `deno task reference` writes them between `<!-- tools -->` and `<!-- /tools -->` (and so on), and a test fails when one is stale.
 *
 * @module
 */
import { z } from "zod";
import type { Command } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/command_list.ts";
import { Brief, JobResult } from "../../src/domain/result.ts";
import { definitionOf, type ToolDefinition } from "../../src/mcp/define_tool.ts";
import { TOOLSET_NAMES, type ToolsetName } from "../../src/mcp/toolset_names.ts";
import { listedTools } from "../../src/mcp/toolsets.ts";
import { quotedTable } from "../bench/quoted.ts";
import { readRecorded } from "../bench/recorded.ts";
import { quotedFaults } from "../chaos/recorded.ts";

export const README = new URL("../../README.md", import.meta.url);

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

/** `readme` with its references as they ought to be, formatted as `deno fmt` does. */
export async function withReference(readme: string): Promise<string> {
  const recorded = readRecorded();
  if (recorded === null) throw new Error("No benchmark is recorded: deno task bench --record");
  const parts = {
    tools: reference(),
    commands: commandTable(),
    json: jsonTable(),
    measured: quotedTable(recorded),
    faults: quotedFaults(),
  };
  return await formatted(
    Object.entries(parts).reduce((text, [name, part]) => between(text, name, part), readme),
  );
}

/** `readme` with `text` between the marks of `name`. */
function between(readme: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The README has no ${begin} and ${end}`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

/** A row a command, with what it takes. */
function commandTable(): string {
  const rows = COMMANDS.filter((command) => command.isHidden !== true).map((command) => {
    const subcommands = (command.subcommands ?? []).filter((one) => one.isHidden !== true).map((one) =>
      one.name
    );
    const takes = [
      ...(subcommands.length === 0
        ? []
        : [command.run === undefined ? subcommands.join("|") : `[${subcommands.join("|")}]`]),
      ...(command.arguments ?? []).map(({ name, isOptional, isVariadic }) => {
        const many = isVariadic === true ? `${name}...` : name;
        return isOptional === true ? `[${many}]` : many;
      }),
    ];
    return `| \`${[command.name, ...takes].join(" ").replaceAll("|", "\\|")}\` | ${command.summary} |`;
  });
  return ["| command | what it does |", "| --- | --- |", ...rows].join("\n");
}

/** What `--json` prints, a row a command. */
function jsonTable(): string {
  const rows = (commands: readonly Command[], group: string): string[] =>
    commands.flatMap(({ name, json, subcommands = [] }) => [
      ...(json === undefined ? [] : [`| \`${group}${name}\` | ${inCode(json)} |`]),
      ...rows(subcommands, `${name} `),
    ]);
  return [
    "| command | `--json` |\n| --- | --- |\n" + rows(COMMANDS, "").join("\n"),
    `A job result is \`${keysOf(JobResult)}\`, a brief \`${keysOf(Brief)}\`, an event ` +
    "`{ seq, turn, time, type, ... }` as of `job_events`. `?` is behind what may be missing. Times are ISO 8601 UTC; " +
    "`duration_seconds` is from `started_at` to `finished_at` or now, the idle time between turns included. A command " +
    "that fails prints `{ error: { code, message, hint? } }` on stderr. Keys are added in later versions, and none is " +
    "taken away.",
  ].join("\n\n");
}

/** What is in braces as code. */
function inCode(json: string): string {
  let depth = 0;
  return [...json].map((character) => {
    if (character === "{" && depth++ === 0) return "`{";
    if (character === "}" && --depth === 0) return "}`";
    return character === "|" ? "\\|" : character;
  }).join("");
}

function keysOf(schema: z.ZodObject): string {
  const keys = Object.entries(schema.shape).map(([key, value]) =>
    z.safeParse(value, undefined).success ? `${key}?` : key
  );
  return `{ ${keys.join(", ")} }`;
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
