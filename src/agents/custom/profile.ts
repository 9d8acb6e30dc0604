/**
 * Room `agents`: how an agent of the user's own is found and offered, from its entry in the configuration.
 *
 * @module
 */
import type { CustomAgentConfig } from "../../domain/agent/custom_agent.ts";
import type { AgentProfile } from "../profiles/agent_profile.ts";

/** @param name as in `<name>_start`. */
export function customProfile(name: string, config: CustomAgentConfig): AgentProfile {
  const title = config.title ?? name;
  return {
    name,
    title,
    executables: [config.command],
    versionArgs: config.version_args,
    readVersion: (stdout) => /\bv?(\d+\.\d+(?:\.\d+)?\S*)/.exec(stdout)?.[1] ?? null,
    versions: { oldest: "0", tested: "0" },
    hints: {
      install: config.install_hint ??
        `Install ${title}, or correct agents.${name}.command in the configuration.`,
      upgrade: `Upgrade ${title}.`,
      login: config.login_hint ?? `Log in to ${title} in a terminal.`,
    },
  };
}
