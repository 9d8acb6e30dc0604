/**
 * Room `scheduler`: reads a project's instructions that an agent does not read by itself. These are the rules files of
 * other agents, and the memories that an agent's CLI skips when it skips the project's settings.
 *
 * @module
 */
import { realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { BUILT_IN_DRIVERS } from "../../agents/builtin.ts";
import type { ProjectMemories, ProjectRules } from "../../agents/project_texts.ts";
import { rulesText } from "../../domain/turn/prompt.ts";
import { readContainedText } from "../../system/files/contained_file.ts";

/** Bytes of one rules file; a longer one is left out. */
const MAX_RULE_BYTES = 32 * 1024;

/** Files read of one directory of rules, in alphabetical order; the others are left out. */
const MAX_RULES = 50;

/**
 * The rules files of `cwd` that other agents read by themselves, as one text; "" when there are none. Never throws.
 *
 * @param agent name of the agent that gets the text; its own rules are left out.
 */
export function readRulesForOthers(cwd: string, agent: string): string {
  const rules = BUILT_IN_DRIVERS.flatMap(({ name, projectRules }) =>
    name === agent || projectRules === undefined ? [] : [projectRules]
  );
  let root: string;
  try {
    root = realpathSync(cwd);
  } catch {
    return "";
  }
  return textOf(rules.flatMap((one) => rulePaths(root, one)).map((path) => ({ root, path, name: path })));
}

/**
 * The memories of a project as one text; "" when there are none. They come from the directories from `top` down to
 * `cwd`, outermost first. Those in `cwd` that the CLI reads itself are left out.
 *
 * @param options.top the work tree's root.
 */
export function readMemories(
  cwd: string,
  { top, memories }: { top: string; memories: ProjectMemories },
): string {
  let start: string;
  try {
    start = realpathSync(cwd);
  } catch {
    return "";
  }
  const directories = [start];
  for (let at = start; at !== top && dirname(at) !== at; at = dirname(at)) directories.unshift(dirname(at));
  return textOf(directories.flatMap((root) => {
    const isThere = (path: string) => readContainedText(root, path, { maxBytes: MAX_RULE_BYTES }).ok;
    const group = memories.groups.findIndex((paths) => paths.some(isThere));
    const paths = root === start && group === 0 && memories.readsFirstInCwd
      ? []
      : memories.groups[group] ?? [];
    return paths.map((path) => ({ root, path, name: relative(start, join(root, path)) }));
  }));
}

interface RuleFile {
  /** A real path; the file is read only when it lies inside. */
  readonly root: string;
  readonly path: string;
  /** The path that the agent is shown. */
  readonly name: string;
}

function textOf(files: readonly RuleFile[]): string {
  return rulesText(files.flatMap(({ root, path, name }) => {
    const read = readContainedText(root, path, { maxBytes: MAX_RULE_BYTES });
    return read.ok ? [{ name, text: read.text }] : [];
  }));
}

function rulePaths(root: string, { files, directory }: ProjectRules): string[] {
  return [...files, ...namesIn(root, directory)];
}

function namesIn(root: string, { path, fileName }: ProjectRules["directory"]): string[] {
  try {
    return [...Deno.readDirSync(join(root, path))]
      .filter((entry) => fileName.test(entry.name) && !entry.isDirectory)
      .map((entry) => `${path}/${entry.name}`)
      .sort()
      .slice(0, MAX_RULES);
  } catch {
    return [];
  }
}
