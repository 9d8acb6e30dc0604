/**
 * Test support: commands of the README, which are run as they stand there.
 *
 * @module
 */
import { fromFileUrl } from "./from_file_url.ts";

const README = fromFileUrl(new URL("../../README.md", import.meta.url));

/**
 * The lines of the block after `<!-- walk: name -->`, without their comments.
 *
 * @throws when there is no such block.
 */
export function readmeCommands(name: string): string[] {
  const mark = `<!-- walk: ${name} -->`;
  const [, after] = Deno.readTextFileSync(README).split(mark);
  const block = /^\s*```sh\n([\s\S]*?)```/.exec(after ?? "")?.[1];
  if (block === undefined) throw new Error(`README.md has no commands after ${mark}`);
  return block.split("\n").map((line) => line.replace(/(?:^|\s+)# .*$/, "").trim()).filter((line) =>
    line !== ""
  );
}
