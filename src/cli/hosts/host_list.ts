/**
 * Room `cli`: the list of all hosts, and a host by its name.
 *
 * @module
 */
import { closestName } from "../../config/closest_name.ts";
import { UsageError } from "../entry/exit_code.ts";
import { claudeCode } from "./claude_code.ts";
import { claudeDesktop } from "./claude_desktop.ts";
import { codexHost } from "./codex_host.ts";
import { cursorHost } from "./cursor_host.ts";
import { geminiHost } from "./gemini_host.ts";
import { copilotHost } from "./copilot_host.ts";
import type { Host } from "./host.ts";
import { opencodeHost } from "./opencode_host.ts";
import { qwenHost } from "./qwen_host.ts";
import { vscodeHost } from "./vscode_host.ts";

export const HOSTS: readonly Host[] = [
  claudeCode,
  codexHost,
  cursorHost,
  geminiHost,
  claudeDesktop,
  opencodeHost,
  qwenHost,
  copilotHost,
  vscodeHost,
];

/** The host with this id or alias, in any case of letters. @throws UsageError that suggests the nearest name. */
export function hostNamed(text: string): Host {
  const asked = text.trim().toLowerCase().replace(/[\s_]+/g, "-");
  const found = HOSTS.find(({ id, aliases }) => id === asked || aliases.includes(asked));
  if (found !== undefined) return found;
  const names = HOSTS.flatMap(({ id, aliases }) => [id, ...aliases]);
  const near = closestName(asked, names);
  const meant = HOSTS.find(({ id, aliases }) => id === near || aliases.some((alias) => alias === near));
  const known = `The hosts are ${HOSTS.map(({ id }) => id).join(", ")}.`;
  throw new UsageError(`HOST: there is no host "${text}"`, {
    hint: meant === undefined ? known : `Did you mean ${meant.id}? ${known}`,
  });
}
