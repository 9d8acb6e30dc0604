/**
 * Room `scheduler`: settings for the git that an agent runs below `full-auto`, so that a repository's own programs do
 * not run with it. They are given in the agent's environment: no file of the user's or of the repository's is touched.
 *
 * They are read once, before the launch. That suffices, since the drivers keep a job from writing git configurations.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { type GitSetting, parseGitConfig, readGitConfig } from "../../system/files/git_config.ts";
import { ifOurs } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { WorkTree } from "../../system/files/work_tree.ts";
import { ALWAYS, withoutPrograms } from "./git_programs.ts";

/** Most submodules whose configuration is read. */
const MAX_SUBMODULES = 500;

/** Most directories that are searched below `.git/modules`. */
const MAX_DIRECTORIES = 2_000;

/**
 * @param options.home the user's home directory, from which a configuration may include files
 * @returns settings for the environment, where they override those of every file
 */
export function gitGuard(tree: WorkTree, { home }: { home: string | undefined }): GitSetting[] {
  const submodules = submodulesOf(tree.root);
  const gitDirs = [
    ...tree.gitDirs,
    ...tree.gitDirs.flatMap((path) => moduleDirs(join(path, "modules"))),
    ...submodules.flatMap(({ gitDir }) => gitDir === null ? [] : [gitDir]),
  ];
  const files = new Set(gitDirs.flatMap((path) => [join(path, "config"), join(path, "config.worktree")]));
  const settings = [...files].flatMap((path) => readGitConfig(path, { home }));
  return [
    ...ALWAYS,
    // Changes in a submodule whose configuration was read are shown as without us.
    ...submodules.map(({ name, ignore }) => ({ key: `submodule.${name}.ignore`, value: ignore })),
    ...withoutPrograms(settings),
    // A key that git refuses would make every git command fail; in a file it has no effect anyway.
  ].filter(({ key }) => !/[\n\0]/.test(key));
}

interface Submodule {
  readonly name: string;
  readonly ignore: string;
  readonly gitDir: string | null;
}

function submodulesOf(root: string): Submodule[] {
  const settings = parseGitConfig(readTextIfOurs(join(root, ".gitmodules")) ?? "");
  const names = new Set(settings.flatMap(({ key }) => /^submodule\.(.+)\.path$/s.exec(key)?.[1] ?? []));
  return [...names].slice(0, MAX_SUBMODULES).map((name) => {
    const last = (key: string) => settings.findLast((setting) => setting.key === `submodule.${name}.${key}`);
    return {
      name,
      ignore: last("ignore")?.value ?? "none",
      gitDir: gitDirAt(join(root, last("path")?.value ?? name, ".git")),
    };
  });
}

/** The git directory of a submodule: `.git` itself, or what a `.git` file names. */
function gitDirAt(path: string): string | null {
  const text = readTextIfOurs(path);
  if (text === null) return isDirectory(path) ? path : null;
  const named = /^gitdir: (.+)/.exec(text)?.[1];
  return named === undefined ? null : resolve(dirname(path), named.trimEnd());
}

/** Every git directory below `.git/modules`; a submodule's name may hold slashes, and it may have submodules. */
function moduleDirs(modules: string): string[] {
  const found: string[] = [];
  const open = [modules];
  for (let looked = 0; looked < open.length && looked < MAX_DIRECTORIES; looked++) {
    const path = open[looked] ?? modules;
    if (readTextIfOurs(join(path, "HEAD")) !== null) {
      found.push(path);
      open.push(join(path, "modules"));
      continue;
    }
    const entries = ifOurs(() => isDirectory(path) ? [...Deno.readDirSync(path)] : []) ?? [];
    open.push(...entries.filter((entry) => !entry.isFile).map(({ name }) => join(path, name)));
  }
  return found;
}

function isDirectory(path: string): boolean {
  return ifOurs(() => Deno.statSync(path).isDirectory) === true;
}
