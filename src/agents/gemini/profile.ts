/**
 * Room `agents`: how the Gemini CLI is found and offered.
 *
 * @module
 */
import type { AgentProfile } from "../profiles/agent_profile.ts";

export const GEMINI_HINTS = {
  install:
    "Install it with `npm install -g @google/gemini-cli` (or `brew install gemini-cli`), then run `gemini` once.",
  upgrade: "Upgrade it with `npm install -g @google/gemini-cli@latest`.",
  login: "Run `gemini` in a terminal and sign in, or set GEMINI_API_KEY in the environment of the host.",
} as const;

export const geminiProfile: AgentProfile = {
  name: "gemini",
  title: "Gemini CLI",
  executables: ["gemini"],
  npmPackage: "@google/gemini-cli",
  versionArgs: ["--version"],
  readVersion: (stdout) => /^\s*v?(\d+\.\d+\.\d+\S*)\s*$/m.exec(stdout)?.[1] ?? null,
  // 0.39.1 is the first version that knows --skip-trust.
  versions: { oldest: "0.39.1", tested: "0.61.0" },
  lets: {
    "auto-edit": "edits in cwd, runs no commands",
    // Gemini's file tools refuse a path outside of its directory; its commands do not.
    "full-auto": "no limits to commands; its file tools stay in cwd",
  },
  hints: GEMINI_HINTS,
};
