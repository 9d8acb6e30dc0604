/**
 * Room `agents`: settings of a project that the Gemini CLI acts on when the user has switched folder trust off. Only a
 * settings file that belongs to root could switch it on again.
 *
 * @module
 */
import type { ProjectFile, ProjectTurn } from "../project_texts.ts";

/** Searched in the text as it is, since the files may hold comments. */
const EXECUTES = /"(hooks|mcpServers|discoveryCommand|callCommand|sandbox|mcp|tools)"/;
const TRUSTS_ALL = /"folderTrust"\s*:\s*\{[^}]*"enabled"\s*:\s*false/;

export const GEMINI_PROJECT_FILES: readonly ProjectFile[] = [
  {
    path: ".gemini/settings.json",
    effect: (text, turn) =>
      EXECUTES.test(text) && trustsAll(turn)
        ? "names commands or servers, your Gemini settings trust every folder (security.folderTrust.enabled is false)"
        : null,
  },
];

function trustsAll({ env, read }: ProjectTurn): boolean {
  const home = env.GEMINI_CLI_HOME ?? env.HOME ?? env.USERPROFILE ?? "";
  const files = [
    `${home}/.gemini/settings.json`,
    env.GEMINI_CLI_SYSTEM_SETTINGS_PATH ?? "/etc/gemini-cli/settings.json",
    env.GEMINI_CLI_SYSTEM_DEFAULTS_PATH ?? "/etc/gemini-cli/system-defaults.json",
  ];
  return files.some((path) => TRUSTS_ALL.test(read(path) ?? ""));
}
