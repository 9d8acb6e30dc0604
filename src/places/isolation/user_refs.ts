/**
 * Room `places`: branches, remote branches and tags of a user's repository, read from its files.
 *
 * @module
 */
import { join } from "node:path";
import { ifOurs } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { Repository } from "../snapshots/repository.ts";

/** More would delay the start of a job; an agent rarely looks at the oldest tags. */
const MAX_REFS = 5_000;

const KINDS = ["refs/heads", "refs/remotes", "refs/tags"] as const;
const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Ids by full name, at most `limit`. Symbolic ones are left out. */
export function userRefs(
  { commonDir }: Pick<Repository, "commonDir">,
  { limit = MAX_REFS }: { limit?: number } = {},
): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of (readTextIfOurs(join(commonDir, "packed-refs")) ?? "").split("\n")) {
    const [id = "", name = ""] = line.split(" ");
    if (isKept(name) && OBJECT_ID.test(id)) refs.set(name, id);
  }
  for (const kind of KINDS) readLoose(commonDir, kind, refs);
  return new Map([...refs].slice(0, limit));
}

function isKept(name: string): boolean {
  return KINDS.some((kind) => name.startsWith(`${kind}/`)) && !name.split("/").includes("..");
}

function readLoose(commonDir: string, name: string, refs: Map<string, string>): void {
  for (const entry of ifOurs(() => [...Deno.readDirSync(join(commonDir, name))]) ?? []) {
    const path = `${name}/${entry.name}`;
    if (entry.isDirectory) readLoose(commonDir, path, refs);
    else {
      const id = readTextIfOurs(join(commonDir, path))?.trim() ?? "";
      if (OBJECT_ID.test(id)) refs.set(path, id);
    }
  }
}

/** The branch that is checked out; `null` when HEAD is detached. */
export function currentBranch({ gitDir }: Pick<Repository, "gitDir">): string | null {
  const text = readTextIfOurs(join(gitDir, "HEAD")) ?? "";
  return /^ref: refs\/heads\/(\S+)\s*$/.exec(text)?.[1] ?? null;
}
