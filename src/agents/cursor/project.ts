/**
 * Room `agents`: files of a project that Cursor's CLI acts on by itself, from its documentation. It has no option that
 * leaves them out. `--trust`, without which it does not run headless, declares them trusted.
 *
 * @module
 */
import type { ProjectFile } from "../project_texts.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

export const CURSOR_PROJECT_FILES: readonly ProjectFile[] = [
  {
    path: ".cursor/hooks.json",
    effect: (text) => isEmpty(text, "hooks") ? null : "names commands that Cursor runs by itself",
  },
  {
    path: ".cursor/cli.json",
    effect: (text) =>
      isEmpty(text, "permissions", "allow") ? null : "allows commands and files beyond the approval policy",
  },
  {
    path: ".cursor/mcp.json",
    // Started only where all servers are approved (`--approve-mcps`).
    effect: (text, { mcp }) =>
      mcp === "none" || isEmpty(text, "mcpServers") ? null : "names MCP servers that Cursor would start",
  },
];

/**
 * Whether the member at `path` of a JSON text is missing or empty. A text that is no JSON does not count as empty,
 * since Cursor may read it.
 */
function isEmpty(text: string, ...path: readonly string[]): boolean {
  let value = parsedJson(text);
  if (value === undefined) return text.trim() === "";
  for (const name of path) {
    if (typeof value !== "object" || value === null) return true;
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}
