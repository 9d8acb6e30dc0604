/**
 * Support for tests: agents that need an account or are not to be had where the tests run, as a fixture that speaks
 * their documented and recorded words over ACP.
 *
 * @module
 */
import { AGENT_PRESETS } from "../../src/domain/agent/presets/agent_presets.ts";
import { fromFileUrl } from "./from_file_url.ts";

const SPOKEN = fromFileUrl(new URL("../fixtures/agents/acp/spoken.ts", import.meta.url));

/** Entries of the configuration, by the name of the agent. Cursor's is as a user would write it. */
export const SPOKEN_ENTRIES = {
  goose: AGENT_PRESETS["goose"],
  auggie: AGENT_PRESETS["auggie"],
  cursor: {
    command: "agent",
    args: ["--trust", "acp"],
    output: "acp",
    title: "Cursor",
    policy_modes: { ask: "agent", "full-auto": "agent" },
    login_hint: "Run `agent login` in a terminal.",
  },
} as const;

export type SpokenName = keyof typeof SPOKEN_ENTRIES;

/** Makes an executable of the agent in a directory. @returns its path */
export function spokenExecutable(agent: SpokenName, directory: string): string {
  const words = [Deno.execPath(), "run", "-A", "--no-config", "--no-lock", "--quiet", SPOKEN, agent];
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const path = `${directory}/spoken-${agent}`;
  Deno.writeTextFileSync(path, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  return path;
}
