/**
 * Room `scheduler`: the rules that a project keeps for Cursor, for agents that do not read them themselves.
 *
 * @module
 */
import { realpathSync } from "node:fs";
import { readContainedText } from "../system/contained_file.ts";

/** Bytes of one rules file; a longer one is left out. */
const MAX_RULE_BYTES = 32 * 1024;

/**
 * Characters of all rules; those beyond are left out. With the longest prompt (1,000,000) it stays under the
 * 1,048,576 that Codex takes.
 */
const MAX_RULES_CHARS = 40_000;

/** Rules files that are read, in alphabetical order. */
const MAX_RULES = 50;

/** All rules of `cwd` as one text, read afresh; "" when it has none. */
export function readCursorRules(cwd: string): string {
  let root: string;
  try {
    root = realpathSync(cwd);
  } catch {
    return "";
  }
  let room = MAX_RULES_CHARS;
  const blocks = [".cursorrules", ...ruleNames(root)].flatMap((path) => {
    const read = readContainedText(root, path, { maxBytes: MAX_RULE_BYTES });
    const text = read.ok ? withoutFrontMatter(read.text).trim() : "";
    const block = `<rules path="${path}">\n${text.replaceAll("</rules>", "<\\/rules>")}\n</rules>`;
    if (text === "" || block.length > room) return [];
    room -= block.length;
    return [block];
  });
  return blocks.join("\n");
}

/** The prompt with the project's rules before it. */
export function withRules(prompt: string, rules: string): string {
  return rules === "" ? prompt : `Follow the rules of this project:\n${rules}\n\n${prompt}`;
}

function ruleNames(root: string): string[] {
  try {
    return [...Deno.readDirSync(`${root}/.cursor/rules`)]
      .filter((entry) => /\.(mdc|md|txt)$/.test(entry.name) && !entry.isDirectory)
      .map((entry) => `.cursor/rules/${entry.name}`)
      .sort()
      .slice(0, MAX_RULES);
  } catch {
    return [];
  }
}

/** Cursor's own settings of a rule (`globs`, `alwaysApply`) mean nothing to another agent. */
function withoutFrontMatter(text: string): string {
  return text.replace(/^---\r?\n[\s\S]*?\r?\n---\r?\n/, "");
}
