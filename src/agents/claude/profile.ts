/**
 * Room `agents`: how Claude Code is found and offered.
 *
 * @module
 */
import type { AgentProfile } from "../profiles/agent_profile.ts";

export const CLAUDE_HINTS = {
  install:
    "Install it with `npm install -g @anthropic-ai/claude-code` (or `curl -fsSL https://claude.ai/install.sh | bash`), then run `claude` once.",
  upgrade: "Upgrade it with `claude update` or `npm install -g @anthropic-ai/claude-code@latest`.",
  login:
    "Run `claude auth login` in a terminal, or set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN in the environment of the host.",
} as const;

export const claudeProfile: AgentProfile = {
  name: "claude",
  title: "Claude Code",
  executables: ["claude"],
  npmPackage: "@anthropic-ai/claude-code",
  versionArgs: ["--version"],
  readVersion: (stdout) => /^\s*v?(\d+\.\d+\.\d+\S*)\s+\(Claude Code\)/m.exec(stdout)?.[1] ?? null,
  versions: { oldest: "2.1.100", tested: "2.1.332" },
  lets: { "auto-edit": "edits in cwd, runs few commands" },
  hints: CLAUDE_HINTS,
};
