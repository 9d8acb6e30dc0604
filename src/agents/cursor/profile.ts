/**
 * Room `agents`: how Cursor's CLI is found and offered.
 *
 * @module
 */
import type { AgentProfile } from "../profiles/agent_profile.ts";

export const CURSOR_HINTS = {
  install: "Install it with `curl https://cursor.com/install -fsS | bash`, then run `cursor-agent login`.",
  upgrade: "Upgrade it with `cursor-agent update`.",
  login: "Run `cursor-agent login` in a terminal, or set CURSOR_API_KEY in the environment of the host.",
} as const;

export const cursorProfile: AgentProfile = {
  name: "cursor",
  title: "Cursor Agent",
  executables: ["cursor-agent", "agent"],
  hasCommonName: true,
  versionArgs: ["--version"],
  readVersion: (stdout) => /^\s*(20\d\d\.\d{1,2}\.\d{1,2}(?:-\w+)*)\s*$/m.exec(stdout)?.[1] ?? null,
  // 2026.02.13 is known to have --trust, without which a headless run is refused. `tested` is the newest seen to work.
  versions: { oldest: "2026.02", tested: "2026.09.18" },
  lets: { "auto-edit": "edits in cwd, runs no commands" },
  hints: CURSOR_HINTS,
};
