/**
 * Room `cli`: arguments, options and the report that `add-agent` and `remove-agent` share.
 *
 * @module
 */
import * as z from "zod";
import type { ArgumentSpec, OptionSpec } from "../command.ts";
import { plainText } from "../../domain/event/transcript.ts";
import { type Context, printJson, printSentences, tell } from "../context.ts";
import type { HostChange } from "./add_to_host.ts";
import type { Host, HostScope } from "./host.ts";

/** The name of the server unless another one is asked for; tools are then called `mcp__agent-async__codex_start`. */
export const DEFAULT_NAME = "agent-async";

/** A server name that every host accepts, also as a part of the names of its tools. */
export const ServerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, {
  error: "must be letters, digits, - and _, at most 63 of them",
}).default(DEFAULT_NAME);

export const HOST_ARGUMENT: ArgumentSpec = {
  name: "HOST",
  summary: "claude-code, codex, cursor, gemini, claude-desktop, opencode, qwen, copilot or vscode",
  words: [
    "claude-code",
    "codex",
    "cursor",
    "gemini",
    "claude-desktop",
    "opencode",
    "qwen",
    "copilot",
    "vscode",
  ],
};

export const NAME_OPTION: OptionSpec = {
  flags: "-n, --name <name>",
  summary: "of the server in the host, agent-async unless said otherwise",
};

export const PROJECT_OPTION: OptionSpec = {
  flags: "--project",
  summary: "for the present directory only, and not for the user",
};

export interface HostReport {
  readonly host: Host;
  readonly scope: HostScope;
  readonly name: string;
  readonly change: HostChange;
  /** One sentence for the user about what was done. */
  readonly said: string;
  readonly more: Readonly<Record<string, unknown>>;
}

export async function reportHostChange(report: HostReport, context: Context, isJson: boolean): Promise<void> {
  const { host, scope, name, change: { changed, backups, via, notes }, said, more } = report;
  if (isJson) {
    await printJson(context, { host: host.id, scope, name, ...more, changed, backups, via, notes });
    return;
  }
  await printSentences(context, plainText(said));
  for (const file of changed) await context.io.stdout.write(`  changed ${plainText(file)}\n`);
  for (const file of backups) await context.io.stdout.write(`  backup  ${plainText(file)}\n`);
  for (const note of notes) await tell(context, plainText(note));
}
