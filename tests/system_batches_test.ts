/** What is run on which system: the list names what is there, and ARCHITECTURE.md what the list has. */
import assert from "node:assert/strict";
import { pinnedVersion } from "./support/agents.ts";
import { batchOf, PARTS } from "./support/system_batches.ts";

const TOP = new URL("../", import.meta.url);

Deno.test("system batches: every file and folder is there, and none twice", () => {
  const paths = PARTS.flatMap(({ files }) => files);
  for (const path of paths) Deno.statSync(new URL(path, TOP));
  assert.deepEqual(paths, [...new Set(paths)]);
});

Deno.test("system batches: the tests that would show what is assumed of macOS are run there", () => {
  const architecture = Deno.readTextFileSync(new URL("ARCHITECTURE.md", TOP));
  const rows = architecture.slice(architecture.indexOf("assumes of macOS")).split("\n\n")[0] ?? "";
  const named = [...new Set(rows.match(/tests\/[\w/]+_test\.ts/g))];
  assert.ok(named.length > 10, rows);
  const batch = batchOf("macos");
  assert.deepEqual(
    named.filter((test) => !batch.some((path) => test === path || test.startsWith(`${path}/`))),
    [],
  );
});

Deno.test("system batches: the Codex that the workflow installs on Windows is the one that its tests expect", () => {
  const workflow = Deno.readTextFileSync(new URL(".github/workflows/ci.yml", TOP));
  const [, version] = /"@openai\/codex@([^"]+)"/.exec(workflow) ?? [];
  assert.equal(version, pinnedVersion("codex"));
});
