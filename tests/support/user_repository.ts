/**
 * Test support: a repository of a user's, with the git that a user runs in it, and trees compared byte for byte.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { removeTree } from "../../src/system/files/removal.ts";

export interface UserRepository extends AsyncDisposable {
  /** A directory for everything of this test; the state directory of the program goes below it. */
  readonly base: string;
  /** The work tree. */
  readonly root: string;
  /** The user's home directory, with a `.gitconfig` that git reads. */
  readonly home: string;
  git(...args: string[]): string;
  write(path: string, text: string | Uint8Array, mode?: number): void;
  remove(path: string): void;
  read(path: string): string;
}

/** @param args for `git init`; without a first commit when `options.isEmpty`. */
export function userRepository(
  { args = [], isEmpty = false, name = "work tree" }: { args?: string[]; isEmpty?: boolean; name?: string } =
    {},
): UserRepository {
  const base = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-test-" }));
  const root = join(base, name);
  const home = join(base, "user");
  Deno.mkdirSync(root);
  Deno.mkdirSync(home);
  Deno.writeTextFileSync(join(home, ".gitconfig"), "[user]\n\tname = T\n\temail = t@example.com\n");
  const repository = repositoryAt({ base, root, home });
  repository.git("init", "-q", "-b", "main", ...args);
  if (!isEmpty) {
    repository.write("a.txt", "one\ntwo\nthree\n");
    repository.write("below/b.txt", "b\n");
    repository.write("run.sh", "#!/bin/sh\n", 0o755);
    Deno.symlinkSync("a.txt", join(root, "link"));
    repository.git("add", ".");
    repository.git("commit", "-q", "-m", "first");
  }
  return repository;
}

/** The same interface over another work tree of the same test. */
export function repositoryAt(
  { base, root, home }: { base: string; root: string; home: string },
): UserRepository {
  return {
    base,
    root,
    home,
    git: (...args) => userGit({ cwd: root, home }, ...args),
    write(path, text, mode) {
      const file = join(root, path);
      Deno.mkdirSync(dirname(file), { recursive: true });
      if (typeof text === "string") Deno.writeTextFileSync(file, text);
      else Deno.writeFileSync(file, text);
      if (mode !== undefined) Deno.chmodSync(file, mode);
    },
    remove: (path) => Deno.removeSync(join(root, path), { recursive: true }),
    read: (path) => Deno.readTextFileSync(join(root, path)),
    async [Symbol.asyncDispose]() {
      await removeTree(base);
    },
  };
}

/** Git as the user runs it: with the configuration of `home` and of the repository. */
export function userGit({ cwd, home }: { cwd: string; home: string }, ...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command("git", {
    args,
    cwd,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: home, GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" },
  }).outputSync();
  if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** For trees of which one was checked out by git, which makes modes by the umask. */
export const AS_GIT = { gitModes: true };

/**
 * Every file below `root` by path, as mode and content: two trees are equal byte for byte when these are equal.
 *
 * @param options.withGit whether `.git` is part of it
 * @param options.gitModes whether a mode is what git keeps of it: 644 or 755
 */
export function treeBytes(
  root: string,
  { withGit = false, gitModes = false }: { withGit?: boolean; gitModes?: boolean } = {},
): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (directory: string, prefix: string) => {
    for (const { name } of Deno.readDirSync(directory)) {
      const file = join(directory, name);
      const path = `${prefix}${name}`;
      const info = Deno.lstatSync(file);
      if (name === ".git" && !withGit) continue;
      if (info.isSymlink) found[path] = `-> ${Deno.readLinkSync(file)}`;
      else if (info.isDirectory) walk(file, `${path}/`);
      else if (info.isFile) {
        const bits = (info.mode ?? 0) & 0o7777;
        const mode = gitModes ? ((bits & 0o100) === 0 ? 0o644 : 0o755) : bits;
        found[path] = fileBytes(mode.toString(8), Deno.readFileSync(file));
      } else found[path] = "special";
    }
  };
  walk(root, "");
  return found;
}

export function fileBytes(mode: string, bytes: Uint8Array): string {
  return `${mode} ${createHash("sha256").update(bytes).digest("hex")}`;
}
