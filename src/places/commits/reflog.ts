/**
 * Room `places`: the log that git keeps of where branches were, so that the user finds back to where he was.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { ifOurs } from "../../system/files/files.ts";
import { type Repository, valueOf } from "../snapshots/repository.ts";

export interface RefLogEntry {
  readonly from: string;
  readonly to: string;
  /** `Name <address>`. */
  readonly who: string;
  readonly what: string;
}

/** Appends to a log. One that cannot be written is no reason to take a change of the branch back. */
export function logRef(gitDir: string, ref: string, { from, to, who, what }: RefLogEntry): void {
  const path = join(gitDir, "logs", ...ref.split("/"));
  const seconds = Math.floor(Date.now() / 1_000);
  ifOurs(() => {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, `${from} ${to} ${who} ${seconds} +0000\t${what}\n`, { append: true });
  });
}

/** The user as git names him, without what would end a line. */
export function committerOf({ settings }: Pick<Repository, "settings">): string {
  const clean = (value: string) => value.replace(/[<>\n]/g, "");
  const name = clean(valueOf(settings, "user.name") ?? "agent-async");
  return `${name} <${clean(valueOf(settings, "user.email") ?? "agent-async@localhost")}>`;
}
