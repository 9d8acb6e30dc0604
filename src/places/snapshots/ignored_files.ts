/**
 * Room `places`: files that git ignores. Snapshots do not cover them, so of those that an agent says it has changed only
 * its word is known.
 *
 * @module
 */
import { relative, sep } from "node:path";
import type { PlacesHome } from "../places_home.ts";
import { excludeArguments, readRepository } from "./repository.ts";
import { storeOf } from "./snapshot_store.ts";
import { startIndex } from "./start_index.ts";

/** Paths that are looked at: an agent that tells of more works on something that nobody reads file by file. */
const MAX_PATHS = 1_000;

/**
 * Those of `paths` that are there and that git ignores. Never throws: what cannot be looked at is not named.
 *
 * @param directory in the work tree
 * @param paths absolute
 * @param options.origin as that of a snapshot
 * @returns paths from the top of the work tree
 */
export async function ignoredAmong(
  home: PlacesHome,
  directory: string,
  { paths, origin }: { paths: readonly string[]; origin: string | undefined },
): Promise<string[]> {
  try {
    const tree = await readRepository(directory, home.user);
    const inside = paths.map((path) => relative(tree.root, path).split(sep).join("/"))
      .filter((path) => path !== "" && path !== ".." && !path.startsWith("../"));
    if (inside.length === 0) return [];
    const store = await storeOf(home, origin === undefined ? tree : await readRepository(origin, home.user));
    using index = await startIndex(store, tree, { user: home.user });
    const { text } = await store.run([
      "ls-files",
      "-z",
      "-o",
      "-i",
      ...excludeArguments(tree, home.user),
      "--",
      ...inside.slice(0, MAX_PATHS),
    ], { index: index.path, workTree: tree.root });
    return text.split("\0").filter((path) => path !== "");
  } catch {
    return [];
  }
}
