/**
 * Room `places`: the private git directories that hold snapshots, one for each repository of the user's. Rule of this
 * file: only we write them, and nothing of theirs is ever in the user's repository.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ensurePrivateDirectory, writeNew } from "../../system/files/files.ts";
import { removeTree } from "../../system/files/removal.ts";
import type { Git, GitOutput, GitRun } from "../git/git.ts";
import type { PlacesHome } from "../places_home.ts";
import type { ObjectFormat, PlainDirectory, Repository } from "./repository.ts";

/**
 * Attributes that override those of every repository: the bytes on disk are what counts, and files are merged by git
 * itself, never by a driver that a repository chooses.
 */
const ATTRIBUTES = "* -text -eol -filter -ident -working-tree-encoding merge=text !diff\n";

/** Characters of a hash in a directory's name. */
const NAME_LENGTH = 16;

export class SnapshotStore {
  readonly #git: Git;

  constructor(readonly name: string, { git, directory }: { git: Git; directory: string }) {
    this.#git = git;
    this.directory = directory;
  }

  /** The git directory. */
  readonly directory: string;

  /** Indexes that snapshots begin from, by work tree. */
  get indexes(): string {
    return join(this.directory, "indexes");
  }

  /** A path for a file that is removed when the work ends. */
  temporary(): string {
    return join(this.directory, "temporary", crypto.randomUUID());
  }

  /** Runs git in this store: see {@link Git.run}. */
  run(args: readonly string[], run: Omit<GitRun, "gitDir"> = {}): Promise<GitOutput> {
    return this.#git.run(args, { ...run, gitDir: this.directory });
  }

  line(args: readonly string[], run: Omit<GitRun, "gitDir"> = {}): Promise<string> {
    return this.#git.line(args, { ...run, gitDir: this.directory });
  }
}

/** The store of a repository or directory; made when there is none. */
export async function storeOf(home: PlacesHome, tree: Repository | PlainDirectory): Promise<SnapshotStore> {
  const format = tree.kind === "git" ? tree.objectFormat : "sha1";
  const source = tree.kind === "git" ? tree.commonDir : tree.root;
  const name = createHash("sha256").update(`${tree.kind}\0${format}\0${source}`).digest("hex").slice(
    0,
    NAME_LENGTH,
  );
  const store = openStore(home, name);
  if (!exists(store.directory)) await makeStore(home, { directory: store.directory, format, source });
  return store;
}

/** The store of that name, which a record refers to. */
export function openStore(home: PlacesHome, name: string): SnapshotStore {
  return new SnapshotStore(name, { git: home.git, directory: join(home.snapshots, `${name}.git`) });
}

/** Written by hand, since `git init` copies templates and probes; renamed when whole, since two may come at once. */
async function makeStore(
  home: PlacesHome,
  { directory, format, source }: { directory: string; format: ObjectFormat; source: string },
): Promise<void> {
  ensurePrivateDirectory(home.snapshots);
  const made = join(home.snapshots, `.new-${crypto.randomUUID()}`);
  for (const name of ["", "info", "objects/info", "objects/pack", "refs/heads", "indexes", "temporary"]) {
    ensurePrivateDirectory(join(made, name));
  }
  writeNew(join(made, "HEAD"), "ref: refs/heads/none\n");
  writeNew(join(made, "info", "attributes"), ATTRIBUTES);
  writeNew(join(made, "config"), configText(format));
  // For people and `doctor`: whose snapshots these are.
  writeNew(join(made, "source.json"), JSON.stringify({ source, made_at: new Date().toISOString() }));
  try {
    await Deno.rename(made, directory);
  } catch (error) {
    await removeTree(made);
    if (!exists(directory)) throw error;
  }
}

function configText(format: ObjectFormat): string {
  const isUnix = Deno.build.os !== "windows";
  const isFoldingCase = Deno.build.os !== "linux";
  return `[core]
	repositoryformatversion = 1
	bare = true
	filemode = ${isUnix}
	symlinks = ${isUnix}
	ignorecase = ${isFoldingCase}
	precomposeunicode = ${Deno.build.os === "darwin"}
	longpaths = true
	logallrefupdates = false
	autocrlf = false
	safecrlf = false
[extensions]
	objectformat = ${format}
[merge]
	directoryRenames = false
	conflictStyle = merge
[diff]
	renames = false
[user]
	name = agent-async
	email = agent-async@localhost
`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
