/**
 * Room `places`: copies into a place what `.worktreeinclude` of the caller's tree names: ignored files that are needed
 * to work, such as `.env`. It is a file of patterns as in `.gitignore`.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { ifOurs } from "../../system/files/files.ts";
import type { PlacesHome } from "../places_home.ts";
import { excludeArguments, type Repository } from "../snapshots/repository.ts";
import { lookAt, RealParents } from "../snapshots/real_parents.ts";
import { storeOf } from "../snapshots/snapshot_store.ts";
import { startIndex } from "../snapshots/start_index.ts";

/** What a start waits for at most: a dependency folder of usual size. */
const MAX_FILES = 50_000;
const MAX_BYTES = 2 * 1024 * 1024 * 1024;

/** @returns sentences about what was not copied @throws GitFailure, and errors of the file system */
export async function includeFiles(
  home: PlacesHome,
  { from, to, signal }: { from: Repository; to: string; signal?: AbortSignal | undefined },
): Promise<string[]> {
  const patterns = join(from.root, ".worktreeinclude");
  if (!(ifOurs(() => Deno.lstatSync(patterns).isFile) ?? false)) return [];
  const store = await storeOf(home, from);
  using index = await startIndex(store, from, { user: home.user, signal });
  const run = { index: index.path, workTree: from.root, alternates: [from.objects], signal };
  const list = async (args: string[]) =>
    (await store.run(["ls-files", "-z", "-o", ...args], run)).text.split("\0").filter((path) => path !== "");
  const named = await list(["-i", `--exclude-from=${patterns}`]);
  const kept = new Set(await list(excludeArguments(from, home.user)));
  const ignored = named.filter((path) => !kept.has(path) && !path.endsWith("/"));
  return await copyFiles(ignored, { from: from.root, to });
}

async function copyFiles(
  paths: readonly string[],
  { from, to }: { from: string; to: string },
): Promise<string[]> {
  const parents = new RealParents(from);
  let bytes = 0;
  for (const [count, path] of paths.entries()) {
    const info = path.isWellFormed() && await parents.has(path) ? await lookAt(join(from, path)) : "gone";
    if (typeof info === "string" || info.isDirectory) continue;
    bytes += info.size;
    if (count >= MAX_FILES || bytes > MAX_BYTES) {
      return [
        `Of the ${paths.length} files that .worktreeinclude names, ${count} were copied: the rest is too much.`,
      ];
    }
    const copy = join(to, path);
    await Deno.mkdir(dirname(copy), { recursive: true });
    if (!await new RealParents(to).has(path)) continue;
    if (info.isSymlink) await Deno.symlink(await Deno.readLink(join(from, path)), copy);
    else if (info.isFile) await Deno.copyFile(join(from, path), copy);
  }
  return [];
}
