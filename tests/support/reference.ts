/**
 * The parts of `docs/` that are made from what they speak of: tools and commands from their declarations, figures and
 * faults from what the benchmark and the fault suite have recorded. `deno task reference` writes them between
 * `<!-- tools -->` and `<!-- /tools -->` (and so on), and a test fails when one is stale.
 *
 * @module
 */
import { quotedFigures } from "../bench/quoted.ts";
import { readRecorded } from "../bench/recorded.ts";
import { quotedFaults } from "../chaos/recorded.ts";
import { acpTable } from "./reference_acp.ts";
import { commandList, jsonList } from "./reference_commands.ts";
import { hostTable } from "./reference_hosts.ts";
import { systemsTable } from "./reference_systems.ts";
import { toolReference } from "./reference_tools.ts";

const DOCS = new URL("../../docs/", import.meta.url);

/** By page, then by the name of the marks. */
const PAGES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "commands.md": { commands: commandList, json: jsonList },
  "tools.md": { tools: toolReference },
  "security.md": { faults: quotedFaults },
  "agents.md": { acp: acpTable },
  "hosts.md": { abilities: hostTable },
  "figures.md": { measured: recordedFigures },
  "testing.md": { systems: systemsTable },
};

export const REFERENCE_PAGES: readonly URL[] = Object.keys(PAGES).map((name) => new URL(name, DOCS));

/** The text of the page at `url` with its references as they ought to be, formatted as `deno fmt` does. */
export async function withReference(url: URL): Promise<string> {
  const parts = PAGES[url.href.slice(DOCS.href.length)] ?? {};
  const page = await Deno.readTextFile(url);
  return await formatted(
    Object.entries(parts).reduce((text, [name, make]) => between(text, name, make()), page),
  );
}

function recordedFigures(): string {
  const recorded = readRecorded();
  if (recorded === null) throw new Error("No benchmark is recorded: deno task bench --record");
  return quotedFigures(recorded);
}

/** `page` with `text` between the marks of `name`. */
function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The page has no ${begin} and ${end}`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "-"],
    cwd: new URL("../", DOCS),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format a page: deno fmt failed");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  for (const url of REFERENCE_PAGES) await Deno.writeTextFile(url, await withReference(url));
}
