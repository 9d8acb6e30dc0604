/**
 * Room `service`: files that a caller wants in the prompt.
 *
 * @module
 */
import { realpathSync } from "node:fs";
import { invalidArgument } from "../../domain/errors.ts";
import { readContainedText } from "../../system/files/contained_file.ts";

/** Bytes of one context file. */
export const MAX_CONTEXT_FILE_BYTES = 512 * 1024;

/**
 * The prompt with `<file path="...">` blocks after it.
 * @throws {AgentAsyncError} `invalid_argument` naming the file and the rule it breaks.
 */
export function withContextFiles(prompt: string, cwd: string, paths: readonly string[]): string {
  const root = realpathSync(cwd);
  return [prompt, ...paths.map((path, index) => fileBlock(root, path, index))].join("\n\n");
}

function fileBlock(root: string, path: string, index: number): string {
  const read = readContainedText(root, path, { maxBytes: MAX_CONTEXT_FILE_BYTES });
  if (!read.ok) throw invalidArgument(`context_files[${index}]`, `${path} ${read.problem}`);
  // A closing tag inside of the file must not end the block early.
  const body = read.text.replaceAll("</file>", "<\\/file>");
  return `<file path="${path.replaceAll('"', "&quot;")}">\n${body}${body.endsWith("\n") ? "" : "\n"}</file>`;
}
