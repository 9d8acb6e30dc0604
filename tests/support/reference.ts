/**
 * The parts of the README that are made from what they speak of: tools and commands from their declarations, figures and
 * faults from what the benchmark and the fault suite have recorded. `deno task reference` writes them between
 * `<!-- tools -->` and `<!-- /tools -->` (and so on), and a test fails when one is stale.
 *
 * @module
 */
import { quotedFigures } from "../bench/quoted.ts";
import { readRecorded } from "../bench/recorded.ts";
import { quotedFaults } from "../chaos/recorded.ts";
import { commandList, jsonList } from "./reference_commands.ts";
import { toolReference } from "./reference_tools.ts";

export const README = new URL("../../README.md", import.meta.url);

/** `readme` with its references as they ought to be, formatted as `deno fmt` does. */
export async function withReference(readme: string): Promise<string> {
  const recorded = readRecorded();
  if (recorded === null) throw new Error("No benchmark is recorded: deno task bench --record");
  const parts = {
    tools: toolReference(),
    commands: commandList(),
    json: jsonList(),
    measured: quotedFigures(recorded),
    faults: quotedFaults(),
  };
  return await formatted(
    Object.entries(parts).reduce((text, [name, part]) => between(text, name, part), readme),
  );
}

/** `readme` with `text` between the marks of `name`. */
function between(readme: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The README has no ${begin} and ${end}`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "-"],
    cwd: new URL("./", README),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format the README: deno fmt failed");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.writeTextFile(README, await withReference(await Deno.readTextFile(README)));
}
