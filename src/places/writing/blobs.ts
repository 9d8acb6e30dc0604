/**
 * Room `places`: the content of several objects in one go.
 *
 * @module
 */
import { GitFailure } from "../git/git_failure.ts";
import type { SnapshotStore } from "../snapshots/snapshot_store.ts";

/** Bytes of content that are read together: they are in memory until they are written. */
const MAX_BYTES = 48 * 1024 * 1024;

const LINE_FEED = 10;

/**
 * Content by id, in groups that fit into memory.
 *
 * @throws GitFailure when one is missing
 */
export async function* readBlobs(
  store: SnapshotStore,
  ids: readonly string[],
  run: { alternates: readonly string[]; signal?: AbortSignal | undefined },
): AsyncGenerator<Map<string, Uint8Array>> {
  const stdin = (group: readonly string[]) => group.map((id) => `${id}\n`).join("");
  const { text } = await store.run(["cat-file", "--batch-check=%(objectname) %(objectsize)"], {
    ...run,
    stdin: stdin(ids),
  });
  let group: string[] = [];
  let bytes = 0;
  const read = async () => {
    const output = await store.run(["cat-file", "--batch"], {
      ...run,
      stdin: stdin(group),
      maxBytes: 4 * MAX_BYTES,
    });
    return split(output.bytes);
  };
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const [id = "", size = ""] = line.split(" ");
    if (size === "missing") {
      throw new GitFailure("failed", { command: "cat-file", code: 1, errors: `object ${id} is missing` });
    }
    if (group.length > 0 && bytes + Number(size) > MAX_BYTES) {
      yield await read();
      [group, bytes] = [[], 0];
    }
    group.push(id);
    bytes += Number(size);
  }
  if (group.length > 0) yield await read();
}

/** Output of `cat-file --batch`: for each object a line with id, kind and size, the content, a line feed. */
function split(bytes: Uint8Array): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, at);
    const [id = "", , size = "0"] = new TextDecoder().decode(bytes.subarray(at, end)).split(" ");
    const start = end + 1;
    found.set(id, bytes.subarray(start, start + Number(size)));
    at = start + Number(size) + 1;
  }
  return found;
}
