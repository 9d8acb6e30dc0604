/**
 * Room `cli`: the command `list-agents`, for hosts and for coding agents.
 *
 * @module
 */
import * as z from "zod";
import type { Config } from "../../config/schema.ts";
import { plainText } from "../../domain/event/transcript.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import type { CodingAgent } from "../hosts/coding_agents.ts";
import type { HostState } from "../hosts/inspect_host.ts";
import { type Column, tableText } from "../render/table.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch } from "../values.ts";

export const listAgentsCommand = defineCommand({
  name: "list-agents",
  summary: "List hosts that know this program, and coding agents",
  details:
    "Hosts are the assistants that hand work to it: Claude Code, Codex, Cursor, Gemini CLI, VS Code and others. " +
    "Coding agents are those that do the work.",
  options: [JSON_OPTION, {
    flags: "--for-completions",
    summary: "the names of coding agents, for a shell",
    isHidden: true,
  }],
  examples: [{ line: "list-agents", says: "Who could be told of agent-async, and who was." }],
  json:
    "{ hosts: [{ host, title, detected, executable, registered, registrations: [{ name, scope, file, command, current, missing }], errors }], agents: [{ name, title, available, executable, version, logged_in, driven }] }; driven is events, jsonl, text or acp",
  input: z.object({ forCompletions: Switch, json: Switch }),
  async run(input, context) {
    if (input.forCompletions) {
      await context.io.stdout.write(await agentLines(context));
      return EXIT.done;
    }
    const [{ HOSTS }, { inspectHost }, { hostSite, ownCommand }, { codingAgents }] = await Promise.all([
      import("../hosts/host_list.ts"),
      import("../hosts/inspect_host.ts"),
      import("../hosts/host_site.ts"),
      import("../hosts/coding_agents.ts"),
    ]);
    const states = HOSTS.map((host) => inspectHost(host, hostSite(context), ownCommand()));
    const agents = await codingAgents(await configuredAgents(context), context.io.env);
    if (input.json) await printJson(context, { hosts: states.map(asJson), agents });
    else {
      await printTable(states, context);
      await context.io.stdout.write("\n");
      await printAgents(agents, context);
    }
    return EXIT.done;
  },
});

/**
 * One line for each built-in or configured agent: its name, a tab, its title. Executables are not looked for, because a
 * shell's completion must be fast.
 */
async function agentLines(context: Context): Promise<string> {
  const { knownProfiles } = await import("../../agents/detection/known_agents.ts");
  const agents = await configuredAgents(context);
  return knownProfiles(() => agents)().map(({ name, title }) => `${name}\t${plainText(title)}\n`).join("");
}

/**
 * The agents of the configuration; none when it cannot be read. Other commands report that error: it must not appear in
 * the middle of a line that the user is typing.
 */
async function configuredAgents({ io }: Context): Promise<Config["agents"]> {
  const [{ loadConfig }, { stateHome, statePaths }] = await Promise.all([
    import("../../config/load_config.ts"),
    import("../../config/state_paths.ts"),
  ]);
  const path = statePaths(stateHome(io.env)).configFile;
  return await loadConfig({ path, env: io.env }).then(({ config }) => config.agents, () => ({}));
}

const DRIVEN: Readonly<Record<CodingAgent["driven"], string>> = {
  events: "by its events",
  jsonl: "by its lines of JSON",
  text: "by its text",
  acp: "in a talk (ACP)",
};

async function printAgents(agents: readonly CodingAgent[], { io, style }: Context): Promise<void> {
  const columns: Column<CodingAgent>[] = [
    { title: "AGENT", text: ({ name }) => plainText(name), paint: style.bold },
    { title: "NAME", text: ({ title }) => plainText(title), isExpendable: true },
    { title: "HERE", text: ({ available }) => available ? "yes" : "no" },
    { title: "VERSION", text: ({ version }) => version ?? "-" },
    { title: "LOGIN", text: ({ logged_in }) => logged_in === null ? "-" : logged_in ? "yes" : "no" },
    { title: "DRIVEN", text: ({ driven }) => DRIVEN[driven], isElastic: true },
  ];
  await io.stdout.write(tableText(agents, columns, io.stdout.isTerminal ? io.stdout.columns : null));
}

function asJson({ host, executable, isDetected, registrations, faults }: HostState) {
  return {
    host: host.id,
    title: host.title,
    detected: isDetected,
    executable,
    registered: registrations.length > 0,
    registrations: registrations.map(({ name, scope, file, command, isCurrent, missing }) => {
      return { name, scope, file, command, current: isCurrent, missing };
    }),
    errors: faults,
  };
}

async function printTable(states: readonly HostState[], context: Context): Promise<void> {
  const { io, style } = context;
  const columns: Column<HostState>[] = [
    { title: "HOST", text: ({ host }) => host.id, paint: style.bold },
    { title: "NAME", text: ({ host }) => host.title, isExpendable: true },
    { title: "HERE", text: ({ isDetected }) => isDetected ? "yes" : "no" },
    { title: "REGISTERED", text: registeredText, isElastic: true },
  ];
  await io.stdout.write(tableText(states, columns, io.stdout.isTerminal ? io.stdout.columns : null));
}

function registeredText({ registrations, faults, isDetected, host }: HostState): string {
  const texts = registrations.map(({ name, scope, command, isCurrent, missing }) => {
    const state = missing !== null
      ? `broken: ${missing} is gone`
      : isCurrent
      ? ""
      : `runs ${command.join(" ")}`;
    const parts = [scope === "project" ? "in this project" : "", state].filter((part) => part !== "");
    return plainText(parts.length === 0 ? name : `${name} (${parts.join("; ")})`);
  });
  const said = [...texts, ...faults.map((fault) => plainText(fault))];
  if (said.length > 0) return said.join(", ");
  return isDetected ? `no; agent-async add-agent ${host.id}` : "no";
}
