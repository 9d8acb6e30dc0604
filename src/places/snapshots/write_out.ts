/**
 * Room `places`: writes the files of a snapshot into an empty directory of ours, byte for byte.
 *
 * @module
 */
import { join } from "node:path";
import { ensurePrivateDirectory, removeIfExists } from "../../system/files/files.ts";
import type { PlacesHome } from "../places_home.ts";
import type { Snapshot } from "./snapshot.ts";
import { openStore } from "./snapshot_store.ts";

/**
 * Without what a snapshot does not hold: ignored files, files that may hold a key, very large ones.
 *
 * @param to an absolute path; made when it is missing
 * @throws GitFailure, and errors of the file system
 */
export async function writeOut(home: PlacesHome, { parts }: Snapshot, to: string): Promise<void> {
  ensurePrivateDirectory(to);
  for (const { at, store: name, objects, tree } of parts.toSorted((a, b) => a.at.length - b.at.length)) {
    const store = openStore(home, name);
    const root = join(to, at);
    Deno.mkdirSync(root, { recursive: true });
    const index = store.temporary();
    const run = { index, workTree: root, alternates: objects };
    try {
      await store.run(["read-tree", tree], run);
      await store.run(["checkout-index", "-a", "-q", "-f"], run);
    } finally {
      for (const path of [index, `${index}.lock`]) removeIfExists(path);
    }
  }
}
