/**
 * Room `places`: a git directory for a moment, in which files are converted as in the user's repository: for commits
 * and checkouts, which are the user's, while snapshots hold the bytes on disk. It has no filter: those are programs.
 *
 * @module
 */
import { join } from "node:path";
import { ensurePrivateDirectory, writeNew } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import { removeTree } from "../../system/files/removal.ts";
import type { PlacesHome } from "../places_home.ts";
import { type Repository, valueOf } from "../snapshots/repository.ts";
import { SnapshotStore, storeOf } from "../snapshots/snapshot_store.ts";

const CONVERSIONS = ["autocrlf", "eol", "ignorecase", "filemode", "symlinks", "precomposeunicode"] as const;

export interface CleanGit extends AsyncDisposable {
  readonly git: SnapshotStore;
  /** Where new objects go: our store. */
  readonly objects: string;
}

/** @param repository whose conversions, identity and store count */
export async function cleanGit(home: PlacesHome, repository: Repository): Promise<CleanGit> {
  const store = await storeOf(home, repository);
  const directory = store.temporary();
  for (const name of ["", "info", "objects", "refs/heads", "temporary"]) {
    ensurePrivateDirectory(join(directory, name));
  }
  writeNew(join(directory, "HEAD"), "ref: refs/heads/none\n");
  writeNew(join(directory, "config"), configText(repository));
  const attributes = readTextIfOurs(join(repository.commonDir, "info", "attributes")) ?? "";
  // A merge driver is a program; git's own takes its place.
  writeNew(join(directory, "info", "attributes"), `${attributes}\n* merge=text !diff\n`);
  return {
    git: new SnapshotStore(store.name, { git: home.git, directory }),
    objects: join(store.directory, "objects"),
    [Symbol.asyncDispose]: () => removeTree(directory),
  };
}

function configText({ settings, objectFormat }: Repository): string {
  const text = (key: string, value: string) => {
    const [section = "", name = ""] = key.split(".");
    return `[${section}]\n\t${name} = "${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", " ")}"\n`;
  };
  const conversions = CONVERSIONS.flatMap((name) => {
    const value = valueOf(settings, `core.${name}`);
    return value === undefined ? [] : [text(`core.${name}`, value)];
  });
  return [
    text("core.repositoryformatversion", "1"),
    text("core.bare", "true"),
    text("core.safecrlf", "false"),
    text("extensions.objectformat", objectFormat),
    text("user.name", valueOf(settings, "user.name") ?? "agent-async"),
    text("user.email", valueOf(settings, "user.email") ?? "agent-async@localhost"),
    text("merge.directoryRenames", "false"),
    ...conversions,
  ].join("");
}
