/**
 * What a front-end loads for a session in which nothing is configured: every MB of it is there as often as there are
 * hosts. Told from the imports of the source, types aside, whose modules the bundler drops.
 *
 * @module
 */
import assert from "node:assert/strict";
import { posix } from "node:path";
import { sourceFiles, withoutComments } from "../support/doors.ts";

const FILES = new Map(
  sourceFiles(new URL("../../", import.meta.url)).map(({ path, text }) => [path, withoutComments(text)]),
);

/** Loaded only where something is configured, on Windows, from a terminal, or by a rare call. */
const RARELY = [
  "src/config/load_config.ts",
  "src/config/config_source.ts",
  "src/daemon/endpoint/loopback_endpoint.ts",
  "src/cli/context.ts",
  "src/agents/codex/driver.ts",
  "src/agents/driver.ts",
];

/** What is too heavy for a session, with what a session needs of it instead. */
const TOO_HEAVY: readonly { what: RegExp; instead: string }[] = [
  {
    what: /^node:/,
    instead: "src/system/files/paths.ts: node:path alone brings the basis of Deno's Node support",
  },
  { what: /^@modelcontextprotocol\//, instead: "src/mcp/desk/rpc_session.ts" },
  { what: /^src\/agents\/.*(?:driver|reader|talk)\.ts$/, instead: "the profiles of agents" },
  { what: /^src\/config\/schema\.ts$/, instead: "src/config/quick/" },
  {
    what: /^src\/domain\/(?:job\/job|turn\/turn|event\/event_body)\.ts$/,
    instead: "what callers see of a job",
  },
];

const STATIC = /^(?:import|export)\s+([^;"']*?)\s*from\s*"([^"]+)"/gm;
const DYNAMIC = /\bimport\("([^"]+)"\)/g;

/** The modules that a file loads when it runs, and those that it loads later. */
function loads(path: string): { now: string[]; later: string[] } {
  const text = FILES.get(path) ?? "";
  const now = [...text.matchAll(STATIC)].filter(([, names = ""]) => !areTypes(names));
  return {
    now: now.map(([, , specifier = ""]) => resolved(path, specifier)),
    later: [...text.matchAll(DYNAMIC)].map(([, specifier = ""]) => resolved(path, specifier)),
  };
}

function areTypes(names: string): boolean {
  const [, listed] = /^\{([^}]*)\}$/.exec(names) ?? [];
  const all = listed?.split(",").map((name) => name.trim()).filter((name) => name !== "");
  return names.startsWith("type ") || all?.every((name) => name.startsWith("type ")) === true;
}

function resolved(path: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;
}

/** Everything that is loaded from `path` on, with who loads it. @param rarely not to be followed */
function reached(path: string, rarely: readonly string[]): Map<string, string> {
  const by = new Map([[path, "the command line"]]);
  for (const one of by.keys()) {
    const { now, later } = loads(one);
    for (const next of [...now, ...later.filter((target) => !rarely.includes(target))]) {
      if (!by.has(next)) by.set(next, one);
    }
  }
  return by;
}

const SESSION = "src/cli/entry/serve_host.ts";

function heavy(rarely: readonly string[]): string[] {
  return [...reached(SESSION, rarely)].flatMap(([path, by]) =>
    TOO_HEAVY.filter(({ what }) => what.test(path)).map(({ instead }) => `${by} loads ${path}: ${instead}`)
  );
}

Deno.test("front-end: a session loads nothing that is too heavy for it", () => {
  assert.ok(reached(SESSION, RARELY).size > 150, "the imports were not followed");
  assert.deepEqual(heavy(RARELY), []);
});

Deno.test("front-end: what is loaded rarely is too heavy, and each of its ways is still there", () => {
  assert.ok(heavy([]).length > 3);
  const later = [...reached(SESSION, []).keys()].flatMap((path) => loads(path).later);
  assert.deepEqual(RARELY.filter((path) => !later.includes(path)), []);
});
