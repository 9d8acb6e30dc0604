/**
 * Room `places`: the text of a change as a patch, in pages.
 *
 * @module
 */
import type { PlacesHome } from "../places_home.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { modesAlone, octal } from "./changed_modes.ts";
import { type Change, type ChangePart, fromRoot } from "./change.ts";
import { DIFF } from "./list_changes.ts";
import { readSmallTree } from "./small_tree.ts";

/** A host's model is not given more at once. */
export const PAGE_CHARS = 20_000;

export interface DiffPage {
  readonly patch: string;
  /** Where the next page begins; absent at the end. */
  readonly cursor?: number;
}

/**
 * A page of the patch, cut at the end of a line where a line is not longer than a page.
 *
 * @param options.path a file or directory below the root: nothing else is shown
 * @param options.cursor as an earlier page gave it; a number of bytes
 * @throws GitFailure
 */
export async function diffPage(
  home: PlacesHome,
  change: Change,
  { path, cursor = 0, maxBytes = PAGE_CHARS, signal }: {
    path?: string | undefined;
    cursor?: number | undefined;
    maxBytes?: number;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<DiffPage> {
  const chunks: Uint8Array[] = [];
  let skip = cursor;
  let isMore = false;
  let left = maxBytes;
  for (const part of change.parts) {
    const inside = path === undefined ? "" : pathInside(part.at, path);
    if (inside === null) continue;
    if (left === 0) {
      isMore = true;
      break;
    }
    const { bytes, isCut } = await patchOf(home, part, { inside, maxBytes: skip + left, signal });
    const shown = bytes.subarray(skip);
    skip = Math.max(0, skip - bytes.length);
    chunks.push(shown);
    left -= shown.length;
    isMore ||= isCut;
  }
  const page = wholeLines(joined(chunks), { isMore });
  return {
    patch: new TextDecoder("utf-8", { ignoreBOM: true }).decode(page),
    ...(isMore ? { cursor: cursor + page.length } : {}),
  };
}

async function patchOf(
  home: PlacesHome,
  part: ChangePart,
  options: { inside: string; maxBytes: number; signal: AbortSignal | undefined },
): Promise<{ bytes: Uint8Array; isCut: boolean }> {
  const patch = await gitPatch(home, part, options);
  if (patch.isCut) return patch;
  const bytes = joined([patch.bytes, new TextEncoder().encode(await modeLines(home, part, options))]);
  return { bytes: bytes.subarray(0, options.maxBytes), isCut: bytes.length > options.maxBytes };
}

/** Files of which the permissions alone changed, as git shows those that it sees. */
async function modeLines(
  home: PlacesHome,
  part: ChangePart,
  { inside, signal }: { inside: string; signal: AbortSignal | undefined },
): Promise<string> {
  const store = openStore(home, part.store);
  const run = { alternates: part.objects, signal };
  const sides = [await readSmallTree(store, part.before, run), await readSmallTree(store, part.after, run)];
  return [...modesAlone(part, sides)].sort(([one], [other]) => one < other ? -1 : 1)
    .filter(([path]) => inside === "" || path === inside || path.startsWith(`${inside}/`))
    .map(([path, { before, after }]) => {
      const [old, now] = ["a", "b"].map((side) => quoted(`${side}/${fromRoot(part.at, path)}`));
      return `diff --git ${old} ${now}\nold mode 100${octal(before)}\nnew mode 100${octal(after)}\n`;
    }).join("");
}

/** A name that would end its line early in quotes, as git does it. */
function quoted(path: string): string {
  // deno-lint-ignore no-control-regex -- a file's name may hold them
  return /[\x00-\x1f"\\]/.test(path) ? JSON.stringify(path) : path;
}

async function gitPatch(
  home: PlacesHome,
  { at, store, objects, before, after }: ChangePart,
  { inside, maxBytes, signal }: { inside: string; maxBytes: number; signal: AbortSignal | undefined },
) {
  const prefix = at === "" ? "" : `${at}/`;
  return await openStore(home, store).run([
    ...DIFF,
    "-p",
    "--find-renames",
    `--src-prefix=a/${prefix}`,
    `--dst-prefix=b/${prefix}`,
    before,
    after,
    ...(inside === "" ? [] : ["--", inside]),
  ], { alternates: objects, signal, maxBytes, mayCut: true });
}

/** The path below a part; "" for all of it, `null` when it lies elsewhere. */
function pathInside(at: string, path: string): string | null {
  const wanted = path.replace(/^(?:\.\/)+|\/+$/g, "").replace(/^\.$/, "");
  if (wanted === "" || at === wanted || at.startsWith(`${wanted}/`)) return "";
  if (at === "") return wanted;
  return wanted.startsWith(`${at}/`) ? wanted.slice(at.length + 1) : null;
}

const LINE_FEED = 10;

/** Without an incomplete line at the end; of a line that is longer than the page, whole characters. */
function wholeLines(bytes: Uint8Array, { isMore }: { isMore: boolean }): Uint8Array {
  if (!isMore) return bytes;
  const end = bytes.lastIndexOf(LINE_FEED);
  if (end >= 0) return bytes.subarray(0, end + 1);
  let length = bytes.length;
  while (length > 1 && ((bytes[length - 1] ?? 0) & 0xc0) === 0x80) length--;
  return ((bytes[length - 1] ?? 0) & 0xc0) === 0xc0 ? bytes.subarray(0, length - 1) : bytes;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
