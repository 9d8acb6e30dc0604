/**
 * Room `cli`: the command `add-agent`, which registers this program with a host.
 *
 * @module
 */
import * as z from "zod";
import { DEFAULT_TOOLSETS } from "../../config/quick/quick_toolsets.ts";
import { ToolsetName } from "../../config/schema.ts";
import { defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import type { Host, HostScope } from "../hosts/host.ts";
import {
  DEFAULT_NAME,
  HOST_ARGUMENT,
  NAME_OPTION,
  PROJECT_OPTION,
  reportHostChange,
  ServerName,
} from "../hosts/host_options.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { listed, Switch, Word } from "../values.ts";

const toolsetsError = { error: `must be a list of ${ToolsetName.options.join(", ")}` };

export const addAgentCommand = defineCommand({
  name: "add-agent",
  summary: "Register this program with a host such as Claude Code",
  details:
    "As an MCP server, through the host's own command where it has one. Once more, to change what is registered.",
  arguments: [HOST_ARGUMENT],
  options: [
    NAME_OPTION,
    {
      flags: "-t, --toolsets <list>",
      summary: "jobs, codex, agents, starts, stream or all, separated by commas",
    },
    PROJECT_OPTION,
    {
      flags: "--allow",
      summary:
        "let the host call the tools without asking, tool by tool; never those that answer or apply in your place",
    },
    { flags: "--wake", summary: "wake an idle session of Claude Code when a job of its own ends" },
    JSON_OPTION,
  ],
  examples: [
    { line: "add-agent claude-code --allow --wake", says: "All that Claude Code can be given." },
    { line: "add-agent codex --toolsets jobs,stream", says: "More tools than usual; again to change them." },
  ],
  json:
    "{ host, scope, name, command: [word], changed: [file], backups: [file], via, notes: [sentence] }; via is command, file or null",
  input: z.object({
    host: Word,
    name: ServerName,
    toolsets: z.string().transform(listed).pipe(
      z.array(z.enum(ToolsetName.options, toolsetsError)).min(1, toolsetsError),
    ).optional(),
    project: Switch,
    allow: Switch,
    wake: Switch,
    json: Switch,
  }),
  async run(input, context) {
    const [{ hostNamed }, { addToHost }, { inspectHost }, { hostSite, ownCommand, ownVariables }] =
      await Promise
        .all([
          import("../hosts/host_list.ts"),
          import("../hosts/add_to_host.ts"),
          import("../hosts/inspect_host.ts"),
          import("../hosts/host_site.ts"),
        ]);
    const host = hostNamed(input.host);
    const site = hostSite(context);
    const self = ownCommand();
    const scope: HostScope = input.project ? "project" : "user";
    const { isDetected } = inspectHost(host, site, self);
    const toolsets = input.toolsets === undefined ? [] : ["--toolsets", input.toolsets.join(",")];
    // The server's advice names its tools as the host calls them, so an unusual server name is passed on.
    const known = input.name === DEFAULT_NAME ? [] : ["--server-name", input.name];
    const command = [...self, "mcp", ...toolsets, ...known] as const;
    const allowedTools = input.allow ? await toolsToAllow(input.toolsets, context) : [];
    const change = await addToHost({
      host,
      site,
      scope,
      self,
      registration: { name: input.name, command, env: ownVariables(site), allowedTools },
      isWaking: input.wake,
    });
    const where = scope === "user" ? host.title : `${host.title} in this project`;
    const said = change.changed.length === 0
      ? `${input.name} is already registered with ${where}; nothing was changed.`
      : `${input.name} is registered with ${where}; its new sessions have the tools.`;
    const notes = [...change.notes, ...advice(host, { ...input, scope, isDetected })];
    await reportHostChange(
      { host, scope, name: input.name, change: { ...change, notes }, said, more: { command } },
      context,
      input.json,
    );
    return EXIT.done;
  },
});

/**
 * The tools to allow: those of `--toolsets`, otherwise those of the configuration. The default toolsets are used when
 * the configuration cannot be read.
 */
async function toolsToAllow(named: readonly string[] | undefined, { io }: Context): Promise<string[]> {
  const [{ loadConfig }, { stateHome, statePaths }, { allowedTools }, { readToolsetNames }] = await Promise
    .all([
      import("../../config/load_config.ts"),
      import("../../config/state_paths.ts"),
      import("../../mcp/tools/allowed_tools.ts"),
      import("../../mcp/tools/toolset_names.ts"),
    ]);
  const path = statePaths(stateHome(io.env)).configFile;
  const config = await loadConfig({ path, env: io.env }).then(({ config }) => config, () => null);
  const toolsets = named ?? config?.toolsets ?? DEFAULT_TOOLSETS;
  return allowedTools(readToolsetNames(toolsets), Object.keys(config?.agents ?? {}));
}

function advice(
  host: Host,
  { scope, isDetected, allow, wake }: {
    scope: HostScope;
    isDetected: boolean;
    allow: boolean;
    wake: boolean;
  },
): string[] {
  return [
    isDetected ? null : `${host.title} was not found here: it will see this once it is installed.`,
    allow ? host.noPermissions ?? null : null,
    wake && host.wakeHook === undefined
      ? `${host.title} has no hook that could wake it: --wake did nothing.`
      : null,
    host.advice?.(scope, allow) ?? null,
  ].filter((note) => note !== null);
}
