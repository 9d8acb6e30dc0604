/**
 * Room `places`: what is known of a user's repository, by reading its files: git is not run in it, since its
 * configuration may name programs.
 *
 * @module
 */
import { isAbsolute, join } from "node:path";
import { type GitSetting, readGitConfig } from "../../system/files/git_config.ts";
import { ifOurs } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import { findWorkTree } from "../../system/files/work_tree.ts";
import type { UserSettings } from "../places_home.ts";

export type ObjectFormat = "sha1" | "sha256";

export interface Repository {
  readonly kind: "git";
  /** The top of the work tree, symbolic links resolved. */
  readonly root: string;
  /** The git directory of this work tree: its HEAD and its index. */
  readonly gitDir: string;
  /** The git directory that all work trees share: objects, branches, `info`. */
  readonly commonDir: string;
  readonly objects: string;
  readonly objectFormat: ObjectFormat;
  /** Those of the machine, the user and the repository, in the order in which they override each other. */
  readonly settings: readonly GitSetting[];
}

/** A directory that belongs to no repository. */
export interface PlainDirectory {
  readonly kind: "plain";
  readonly root: string;
}

/**
 * The repository whose work tree `directory` lies in; the directory itself where there is none.
 *
 * @throws Deno.errors.NotFound when `directory` does not exist
 */
export async function readRepository(
  directory: string,
  user: UserSettings,
): Promise<Repository | PlainDirectory> {
  const { kind, root, gitDirs } = await findWorkTree(directory);
  const [commonDir] = gitDirs;
  if (kind === "plain" || commonDir === undefined) return { kind: "plain", root };
  const gitDir = gitDirs[1] ?? commonDir;
  const own = readGitConfig(join(commonDir, "config"), { home: user.home });
  const settings = [
    ...userFiles(user).flatMap((path) => readGitConfig(path, { home: user.home })),
    ...own,
    ...isTrue(own, "extensions.worktreeconfig")
      ? readGitConfig(join(gitDir, "config.worktree"), { home: user.home })
      : [],
  ];
  return {
    kind,
    root,
    gitDir,
    commonDir,
    objects: join(commonDir, "objects"),
    objectFormat: valueOf(own, "extensions.objectformat") === "sha256" ? "sha256" : "sha1",
    settings,
  };
}

function userFiles({ home, configHome, system }: UserSettings): string[] {
  return [
    ...system,
    ...(configHome === undefined ? [] : [join(configHome, "git", "config")]),
    ...(home === undefined ? [] : [join(home, ".gitconfig")]),
  ];
}

/** The last value of a setting, which is the one that counts. */
export function valueOf(settings: readonly GitSetting[], key: string): string | undefined {
  return settings.findLast((setting) => setting.key === key)?.value;
}

function isTrue(settings: readonly GitSetting[], key: string): boolean {
  return ["true", "yes", "on", "1"].includes(valueOf(settings, key)?.toLowerCase() ?? "");
}

/** Files of patterns that the user's own git would heed, the weaker first. Each exists. */
function excludeFiles(tree: Repository | PlainDirectory, user: UserSettings): string[] {
  const settings = tree.kind === "git" ? tree.settings : userFiles(user).flatMap((path) => {
    return readGitConfig(path, { home: user.home });
  });
  const files = [
    namedFile(valueOf(settings, "core.excludesfile"), { from: tree.root, user, name: "ignore" }),
    tree.kind === "git" ? join(tree.commonDir, "info", "exclude") : null,
  ];
  return files.filter((path) => path !== null).filter(isFile);
}

/** What makes `git ls-files` ignore what the user's own git ignores. */
export function excludeArguments(tree: Repository | PlainDirectory, user: UserSettings): string[] {
  const files = excludeFiles(tree, user).map((path) => `--exclude-from=${path}`);
  return [...files, "--exclude-per-directory=.gitignore"];
}

/** Files of attributes that the user's own git would heed outside of the work tree; they need not exist. */
export function attributeFiles(tree: Repository, user: UserSettings): string[] {
  const chosen = valueOf(tree.settings, "core.attributesfile");
  const file = namedFile(chosen, { from: tree.root, user, name: "attributes" });
  return ["/etc/gitattributes", ...(file === null ? [] : [file]), join(tree.commonDir, "info", "attributes")];
}

/** The file that a setting names, else git's default for it. */
function namedFile(
  value: string | undefined,
  { from, user, name }: { from: string; user: UserSettings; name: string },
): string | null {
  if (value === undefined || value === "") {
    return user.configHome === undefined ? null : join(user.configHome, "git", name);
  }
  if (value.startsWith("~/")) return user.home === undefined ? null : join(user.home, value.slice(2));
  return isAbsolute(value) ? value : join(from, value);
}

function isFile(path: string): boolean {
  return ifOurs(() => Deno.statSync(path).isFile) ?? false;
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** More than git follows. */
const MAX_SYMBOLIC = 5;

/** The commit that is checked out; `null` before the first one, and where it cannot be read. */
export function headCommit({ gitDir, commonDir }: Repository): string | null {
  let name = "HEAD";
  for (let followed = 0; followed <= MAX_SYMBOLIC; followed++) {
    const text = looseRef(name === "HEAD" ? gitDir : commonDir, name) ?? packedRef(commonDir, name);
    if (text === null || OBJECT_ID.test(text)) return text;
    const target = /^ref: (refs\/\S+)$/.exec(text)?.[1];
    if (target === undefined || target.split("/").includes("..")) return null;
    name = target;
  }
  return null;
}

function looseRef(directory: string, name: string): string | null {
  return readTextIfOurs(join(directory, ...name.split("/")))?.trim() ?? null;
}

function packedRef(commonDir: string, name: string): string | null {
  if (name === "HEAD") return null;
  const packed = readTextIfOurs(join(commonDir, "packed-refs")) ?? "";
  const end = `\n${packed}`.indexOf(` ${name}\n`);
  if (end < 0) return null;
  return `\n${packed}`.slice(`\n${packed}`.lastIndexOf("\n", end) + 1, end);
}
