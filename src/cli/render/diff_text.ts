/**
 * Room `cli`: what a job changed, as people read it: a list of files, or a patch with its usual colours.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import { commandWords } from "./command_words.ts";
import type { ApplyResult, DiffResult } from "../../service/work_requests.ts";
import type { Style } from "./style.ts";

const VERBS = { add: "added", update: "changed", delete: "deleted" } as const;

/** The list of files with their lines, and the sum. @param paths what the list is limited to; empty for all */
export function diffStat(
  { files, notes, job_id }: DiffResult,
  style: Style,
  paths: readonly string[] = [],
): string {
  if (files.length === 0) {
    const where = paths.length === 0 ? "" : ` at ${paths.map(plainText).join(", ")}`;
    return [`Job ${job_id} changed no files${where}.`, ...notes, ""].join("\n");
  }
  const width = Math.max(...files.map(({ path }) => path.length));
  const sum = (side: "added" | "removed") => files.reduce((total, file) => total + (file[side] ?? 0), 0);
  return [
    ...files.map(({ path, kind, added, removed, binary, permissions }) =>
      [
        plainText(path).padEnd(width),
        VERBS[kind].padEnd("changed".length),
        binary === true ? "binary" : added === null ? "" : [
          style.green(`+${added}`),
          style.red(`-${removed ?? 0}`),
        ].join(" "),
        permissions === undefined ? "" : `permissions ${permissions.before} to ${permissions.after}`,
      ].join("  ").trimEnd()
    ),
    `${counted(files.length, "file")}, ${counted(sum("added"), "line")} added, ${sum("removed")} removed`,
    ...notes.map((note) => style.dim(plainText(note))),
    "",
  ].join("\n");
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A patch with colours for what a terminal shows. */
export function colouredPatch(patch: string, style: Style): string {
  return plainText(patch).split("\n").map((line) => {
    if (line.startsWith("+++") || line.startsWith("---") || line.startsWith("diff ")) return style.bold(line);
    if (line.startsWith("@@")) return style.cyan(line);
    if (line.startsWith("+")) return style.green(line);
    return line.startsWith("-") ? style.red(line) : line;
  }).join("\n");
}

/** What applying or undoing came to. */
export function applyText({ message, files, conflicts }: ApplyResult, style: Style): string {
  return [
    plainText(commandWords(message)),
    ...files.map(({ path, kind }) => `  ${VERBS[kind]} ${plainText(path)}`),
    ...conflicts.map(({ path, lines, why }) =>
      style.red(`  ${plainText(path)}${lines === null ? "" : `, lines ${lines}`}: ${plainText(why)}`)
    ),
    "",
  ].join("\n");
}
