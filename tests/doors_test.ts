/**
 * The house rules of the design: which room may import which, and what each file must have.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { circles } from "./support/circles.ts";
import { breaches, imports, readDoors, sourceFiles, withoutComments } from "./support/doors.ts";

const TOP = new URL("../", import.meta.url);

Deno.test("doors: no file of the house breaks a rule", () => {
  const files = sourceFiles(TOP);
  assert.ok(files.length > 20, "the sources were not found");
  assert.deepEqual(breaches(files), []);
});

Deno.test("doors: the table names every room, and no room that is not there", () => {
  const rooms = [...Deno.readDirSync(new URL("src/", TOP))].map(({ name }) => name);
  const named = [...readDoors(Deno.readTextFileSync(new URL("ARCHITECTURE.md", TOP))).keys()];
  assert.deepEqual(named.filter((name) => !name.includes("/")).sort(), [...rooms, "main"].sort());
});

Deno.test("house: files do not import each other in a circle", () => {
  assert.deepEqual(circles(sourceFiles(TOP)), []);
  const circle = [
    { path: "src/a.ts", text: 'import type { B } from "./b/c.ts";' },
    { path: "src/b/c.ts", text: 'export * from "../d.ts";' },
    { path: "src/d.ts", text: 'const a = await import("./a.ts");' },
    { path: "src/e.ts", text: 'import "./a.ts";' },
  ];
  assert.deepEqual(circles(circle), [["src/a.ts", "src/b/c.ts", "src/d.ts"]]);
});

/** Files at the top of a room; above it, folders say what belongs together. */
const MOST_FILES = 15;

Deno.test("house: no room has more files at its top than can be taken in at a glance", () => {
  const tops = Map.groupBy(sourceFiles(TOP), ({ path }) => /^src\/([^/]+)\/[^/]+$/.exec(path)?.[1] ?? null);
  tops.delete(null);
  const crowded = [...tops].filter(([_room, files]) => files.length > MOST_FILES);
  assert.deepEqual(crowded.map(([room, files]) => `${room}: ${files.length}`), []);
});

/** Lines of a file; a longer one is split by phase of life or by verb. */
const MOST_LINES = 250;

Deno.test("house: no file is longer than can be read in one go", () => {
  const long = sourceFiles(TOP).map(({ path, text }) => ({ path, lines: text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > MOST_LINES);
  assert.deepEqual(long.map(({ path, lines }) => `${path}: ${lines} lines`), []);
});

Deno.test("doors: main.ts has at most 20 lines", () => {
  const lines = Deno.readTextFileSync(new URL("main.ts", TOP)).trimEnd().split("\n").length;
  assert.ok(lines <= 20, `main.ts has ${lines} lines`);
});

/** A file of `room` that opens as it should. */
function fileOf(room: string, body: string, name = "thing.ts") {
  return {
    path: `src/${room}/${name}`,
    text: `/**\n * Room \`${room}\`: a test.\n *\n * @module\n */\n${body}`,
  };
}

Deno.test("doors: every way of importing through a wall is caught", () => {
  const ways = [
    'import { x } from "../store/keys.ts";',
    'import type { X } from "../store/keys.ts";',
    'import * as all from "../store/keys.ts"',
    'import "../store/keys.ts";',
    'import {\n  a,\n  b,\n} from "../store/keys.ts";',
    'export { x } from "../store/keys.ts";',
    "export * from '../store/keys.ts';",
    'export type { X } from "../store/keys.ts";',
    'const y = await import("../store/keys.ts");',
    'const y = 1; import z from "../store/keys.ts";',
    'type T = import("../store/keys.ts").Key;',
    'import { x } from "../../src/store/keys.ts";',
    'import { x } from "../../src/mcp/../store/keys.ts";',
  ];
  for (const way of ways) {
    assert.deepEqual(breaches([fileOf("mcp", way)]), [
      "src/mcp/thing.ts: imports src/store/keys.ts, and no door leads from mcp to store",
    ], way);
  }
});

Deno.test("doors: what is allowed is not caught", () => {
  const bodies = [
    fileOf("mcp", 'import type { Job } from "../domain/job.ts";\nimport { a } from "./tools/a.ts";'),
    fileOf("store", 'const kv = await Deno.openKv(":memory:");'),
    fileOf("cli", 'console.log("result");'),
    fileOf(
      "kernel",
      '// import { x } from "../agents/codex.ts";\nconst text = "Deno.openKv and console.log";',
    ),
    fileOf("kernel", '/* console.log("x") */ const url = "http://x"; // Deno.openKv'),
    fileOf("service", 'import { pick } from "../../scheduler/queue/pick.ts";', "local/service.ts"),
    fileOf("domain", 'import * as z from "zod";\nimport type * as types from "zod";'),
    { path: "main.ts", text: 'import { runCli } from "./src/cli/run_cli.ts";' },
  ];
  for (const file of bodies) assert.deepEqual(breaches([file]), [], file.text);
});

Deno.test("doors: the other rules are kept as well", () => {
  const cases: [ReturnType<typeof fileOf>, string][] = [
    [fileOf("kernel", "await Deno.openKv();"), "uses openKv, but only room store touches Deno.Kv"],
    [
      fileOf("daemon", 'console.log("hello");'),
      "uses console.log, but stdout belongs to the protocol or to the result",
    ],
    [
      fileOf("service", "Deno.stdout.writeSync(bytes);"),
      "uses stdout.writeSync, but stdout belongs to the protocol or to the result",
    ],
    [
      fileOf("agents", 'new Deno.Command("codex");'),
      "uses Deno.Command, but only rooms system, kernel, places, daemon and cli start processes",
    ],
    [
      fileOf("domain", 'import { join } from "node:path";'),
      "imports package node:path",
    ],
    [
      fileOf("cli", 'import { x } from "../../tests/support/doors.ts";'),
      "imports tests/support/doors.ts, which lies outside of src",
    ],
    [
      fileOf("service", 'import { pick } from "../scheduler/queue/pick.ts";', "remote_service.ts"),
      "imports src/scheduler/queue/pick.ts, and no door leads from service to scheduler",
    ],
    [
      fileOf("cli", 'import { z } from "zod";'),
      'imports names from zod: it must be import * as z from "zod"',
    ],
    [
      fileOf("cli", 'import type { z } from "zod";'),
      'imports names from zod: it must be import * as z from "zod"',
    ],
    [fileOf("cli", "await import(path);"), "imports a computed path, which nobody can check"],
    [
      { path: "src/cli/thing.ts", text: "/** Room `mcp`: wrong.\n @module */\n" },
      "does not open with a module comment that names room `cli`",
    ],
    [
      { path: "src/cli/thing.ts", text: "const x = 1;" },
      "does not open with a module comment that names room `cli`",
    ],
    [{ path: "src/helpers/thing.ts", text: "" }, "lies in no room of the house"],
    [{ path: "src/thing.ts", text: "" }, "lies in no room of the house"],
  ];
  for (const [file, sentence] of cases) assert.deepEqual(breaches([file]), [`${file.path}: ${sentence}`]);
});

Deno.test("doors: the parser agrees with deno about the imports of the whole program", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("main.ts", TOP).href],
    stderr: "null",
  }).output();
  assert.equal(code, 0);
  const graph = Graph.parse(JSON.parse(new TextDecoder().decode(stdout)));
  // A module that deno cannot load is the type check's to report.
  const ours = graph.modules.filter(({ specifier, error }) =>
    error === undefined && specifier.startsWith(TOP.href) && specifier.endsWith(".ts")
  );
  assert.ok(ours.length > 1);
  for (const { specifier, dependencies } of ours) {
    const parsed = imports(withoutComments(Deno.readTextFileSync(new URL(specifier))));
    assert.deepEqual(
      [...new Set(parsed)].sort(),
      dependencies.map((dependency) => dependency.specifier).sort(),
      specifier,
    );
  }
});

const Graph = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    error: z.string().optional(),
    dependencies: z.array(z.object({ specifier: z.string() })).default([]),
  })),
});
