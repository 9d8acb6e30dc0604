/**
 * Room `cli`: Claude Code as a host.
 *
 * @module
 */
import { join } from "node:path";
import { commonEntry, type Host, type HostListItem, type HostSite, userHome, variable } from "./host.ts";
import type { HostFileReference } from "./host_document.ts";
import { isPlain } from "./plain_data.ts";
import { shellCommand } from "./shell_command.ts";

/** Limit of one tool call in ms: a user's MCP_TOOL_TIMEOUT may be shorter than the longest wait (100 s). */
const CALL_MS = 600_000;

/** Seconds that the hook waits for a job: the default limit of a turn. */
const WAKE_SECONDS = 7_200;

/** Seconds after which Claude Code ends the hook. A hook ended while it still waits would lose its wake-up. */
const HOOK_SECONDS = WAKE_SECONDS + 60;

export const claudeCode: Host = {
  id: "claude-code",
  title: "Claude Code",
  aliases: ["claude", "claudecode", "cc"],
  executables: ["claude"],
  traces: (site) => [settingsDirectory(site), serversOf(site)],
  serversFile: (site, scope) => json(scope === "user" ? serversOf(site) : join(site.cwd, ".mcp.json")),
  serversKey: "mcpServers",
  // `alwaysLoad` offers all tools without a tool search. Claude Code 2.1.197 knows no such mark on a single tool, and
  // the server's instructions come with the first request.
  entry: (registration, present) => ({
    type: "stdio",
    ...commonEntry(registration),
    timeout: CALL_MS,
    alwaysLoad: present?.["alwaysLoad"] ?? true,
  }),
  permissions(site, scope, name) {
    const file = settingsOf(site, scope);
    return {
      file,
      path: ["permissions", "allow"],
      itemOf: (tool) => `mcp__${name}__${tool}`,
      isServerWide: (other) => other === `mcp__${name}` || other === `mcp__${name}__*`,
      isOurs: (other) => other === `mcp__${name}` || String(other).startsWith(`mcp__${name}__`),
      // A server of .mcp.json came with the project: it must be approved before it is started at all.
      others: scope === "user" ? [] : [item(file, ["enabledMcpjsonServers"], name)],
    };
  },
  wakeHook(site, scope, { name, self, env }) {
    const matcher = `mcp__${name}__(.+_start|job_reply|job_answer|codex_async_reply)`;
    const words = [...self, "hook-wait", "--timeout", String(WAKE_SECONDS)];
    const command = shellCommand(words, { env, os: site.os });
    const hook = { type: "command", command, asyncRewake: true, timeout: HOOK_SECONDS };
    return {
      file: settingsOf(site, scope),
      path: ["hooks", "PostToolUse"],
      item: { matcher, hooks: [hook] },
      isOurs: (other) => isWakeHook(other, `mcp__${name}__`),
    };
  },
  commandLine: {
    executables: ["claude"],
    add(registration, scope) {
      const entry = JSON.stringify(claudeCode.entry(registration));
      return ["mcp", "add-json", "-s", scope, registration.name, entry];
    },
    remove: (name, scope) => ["mcp", "remove", "-s", scope, name],
    // `.claude.json` keeps the layout that Claude Code gives it, since other sessions write to it. `.mcp.json` belongs
    // to the project, whose layout is restored.
    reformats: (scope) => scope === "project",
    env: { DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
  },
  advice(scope, isAllowed) {
    if (scope === "user") return null;
    // Only a person can trust a directory: Claude Code ignores an approval that an untrusted directory brings along.
    return isAllowed
      ? "Claude Code believes the approval only once you have trusted the directory: start `claude` there once."
      : "Claude Code asks before it starts a server of .mcp.json; --allow approves it.";
  },
};

function json(path: string): HostFileReference {
  return { path, format: "json" };
}

function settingsDirectory(site: HostSite): string {
  return variable(site, "CLAUDE_CONFIG_DIR") ?? join(userHome(site), ".claude");
}

function serversOf(site: HostSite): string {
  return join(variable(site, "CLAUDE_CONFIG_DIR") ?? userHome(site), ".claude.json");
}

/** For a project, the local settings file and not the shared one: permissions and paths of programs are personal. */
function settingsOf(site: HostSite, scope: "user" | "project"): HostFileReference {
  return json(
    scope === "user"
      ? join(settingsDirectory(site), "settings.json")
      : join(site.cwd, ".claude", "settings.local.json"),
  );
}

function item(file: HostFileReference, path: readonly string[], text: string): HostListItem {
  return { file, path, item: text, isOurs: (other) => other === text };
}

/** Whether an entry of `PostToolUse` holds our wake hook alone. One that somebody added another hook to is theirs. */
function isWakeHook(value: unknown, prefix: string): boolean {
  if (!isPlain(value) || !Array.isArray(value["hooks"]) || value["hooks"].length !== 1) return false;
  const [hook] = value["hooks"];
  return String(value["matcher"]).startsWith(prefix) && isPlain(hook) &&
    /(^|[\s'"])hook-wait($|\s)/.test(String(hook["command"]));
}
