/**
 * The references of the commands in docs/commands.md, made from their declarations.
 *
 * @module
 */
import { z } from "zod";
import type { Command } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/command_list.ts";
import { Evidence } from "../../src/domain/job/findings.ts";
import { Brief, JobResult } from "../../src/domain/job/result.ts";

/** A line a command, with what it takes. */
export function commandList(): string {
  return COMMANDS.filter((command) => command.isHidden !== true).map((command) => {
    const subcommands = (command.subcommands ?? []).filter((one) => one.isHidden !== true).map(({ name }) =>
      name
    );
    const words = command.run === undefined ? subcommands.join("|") : `[${subcommands.join("|")}]`;
    const takes = [
      ...(subcommands.length === 0 ? [] : [words]),
      ...(command.arguments ?? []).map(({ name, isOptional, isVariadic }) => {
        const many = isVariadic === true ? `${name}...` : name;
        return isOptional === true ? `[${many}]` : many;
      }),
    ];
    return `- \`${[command.name, ...takes].join(" ")}\`: ${command.summary}`;
  }).join("\n");
}

/** What `--json` prints, a line a command. */
export function jsonList(): string {
  const lines = (commands: readonly Command[], group: string): string[] =>
    commands.flatMap(({ name, json, subcommands = [] }) => [
      ...(json === undefined ? [] : [`- \`${group}${name}\`: ${inCode(json)}`]),
      ...lines(subcommands, `${name} `),
    ]);
  return [
    lines(COMMANDS, "").join("\n"),
    `A job result is \`${keysOf(JobResult)}\`, its \`evidence\`, once the job has ended, ` +
    `\`${keysOf(Evidence)}\` (numbers that nobody has told are null, \`doubts\` are sentences), a brief \`${
      keysOf(Brief)
    }\`, an event ` +
    "`{ seq, turn, time, type, ... }`. What may be missing has a `?`. Times are ISO 8601 UTC; `duration_seconds` is from " +
    "`started_at` to `finished_at` or now, the idle time between turns included. A command that fails prints " +
    "`{ error: { code, message, hint? } }` on stderr. Later versions add keys and take none away.",
  ].join("\n\n");
}

/** What is in braces as code. */
function inCode(json: string): string {
  let depth = 0;
  return [...json].map((character) => {
    if (character === "{" && depth++ === 0) return "`{";
    if (character === "}" && --depth === 0) return "}`";
    return character;
  }).join("");
}

function keysOf(schema: z.ZodObject): string {
  const keys = Object.entries(schema.shape).map(([key, value]) =>
    z.safeParse(value, undefined).success ? `${key}?` : key
  );
  return `{ ${keys.join(", ")} }`;
}
