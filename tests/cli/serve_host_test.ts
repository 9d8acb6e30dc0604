/**
 * What a host's session loads before its greeting: nothing from npm and nothing of Node, each of which takes longer
 * than all the rest together.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { fromFileUrl } from "../support/from_file_url.ts";

const Graph = z.object({
  roots: z.array(z.string()),
  modules: z.array(z.object({
    specifier: z.string(),
    dependencies: z.array(z.object({
      isDynamic: z.boolean().optional(),
      /** Not there for an import of types alone. */
      code: z.object({ specifier: z.string().optional() }).optional(),
    })).optional(),
  })),
});

/** Everything that `path` loads before its first line runs. */
async function loadedBy(path: string): Promise<string[]> {
  const file = fromFileUrl(new URL(`../../${path}`, import.meta.url));
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", file] }).output();
  const { roots, modules } = Graph.parse(JSON.parse(new TextDecoder().decode(stdout)));
  const loaded = new Set(roots);
  for (const specifier of loaded) {
    for (
      const { isDynamic, code } of modules.find((one) => one.specifier === specifier)?.dependencies ?? []
    ) {
      if (isDynamic !== true && code?.specifier !== undefined) loaded.add(code.specifier);
    }
  }
  return [...loaded];
}

for (const path of ["main.ts", "src/cli/entry/serve_host.ts"]) {
  Deno.test(`${path} loads nothing of npm or Node before the greeting`, async () => {
    const loaded = await loadedBy(path);
    assert.ok(loaded.length > 5, "the graph was read");
    assert.deepEqual(loaded.filter((specifier) => /^(?:npm|node):/.test(specifier)), []);
  });
}
