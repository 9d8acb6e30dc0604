/**
 * Tests of room `cli`: what `--json` prints is what the declaration of its command promises to programs, in its help and
 * in docs/commands.md.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Command } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/command_list.ts";
import { aBrief, JOB_ID, ScriptedService } from "../support/scripted_service.ts";
import { commandLine } from "./command_line.ts";
import { aDaemonStatus } from "../support/daemon_status.ts";

/** Keys with what is below them; `null` where the declaration says no more. */
type Shape = Map<string, { isOptional: boolean; below: Shape | null }>;

/** The first braces of `json`. */
function shapeOf(json: string): Shape {
  const tokens = [...json.slice(json.indexOf("{")).matchAll(/[{}[\],]|:|[^{}[\],:]+/g)]
    .map(([token]) => token.trim()).filter((token) => token !== "");
  let at = 1;
  const braces = (): Shape => {
    const shape: Shape = new Map();
    for (;;) {
      const name = tokens[at++] ?? assert.fail(`not closed: ${json}`);
      let below: Shape | null = null;
      if (tokens[at] === ":") {
        at++;
        let depth = 0;
        do {
          const token = tokens[at++];
          if (token === "{") below = braces();
          else if (token === "[") depth++;
          else if (token === "]") depth--;
        } while (depth > 0);
      }
      shape.set(name.replace(/\?$/, ""), { isOptional: name.endsWith("?"), below });
      if (tokens[at++] !== ",") return shape;
    }
  };
  return braces();
}

function assertShape(value: unknown, shape: Shape, where: string): void {
  if (Array.isArray(value)) return value.forEach((item) => assertShape(item, shape, `${where}[]`));
  assert.ok(typeof value === "object" && value !== null, where);
  const required = [...shape].filter(([, { isOptional }]) => !isOptional).map(([name]) => name);
  assert.deepEqual(
    required.filter((name) => !Object.hasOwn(value, name)),
    [],
    `${where}: promised and not there`,
  );
  for (const [key, inner] of Object.entries(value)) {
    const known = shape.get(key) ?? assert.fail(`${where}.${key} is not promised`);
    if (known.below !== null) assertShape(inner, known.below, `${where}.${key}`);
  }
}

function jsonOf(path: readonly string[]): string | undefined {
  let commands: readonly Command[] = COMMANDS;
  let found: Command | undefined;
  for (const name of path) {
    found = commands.find((command) => command.name === name);
    commands = found?.subcommands ?? [];
  }
  return found?.json;
}

const DAEMON = aDaemonStatus();

/** What needs no machine but a terminal in memory; the others have tests of what they print beside what they do. */
const LINES: readonly [path: string[], rest?: string[]][] = [
  [["start"], ["do it"]],
  [["reply"], [JOB_ID, "more"]],
  [["retry"], [JOB_ID]],
  [["wait"], [JOB_ID]],
  [["list"]],
  [["logs"], [JOB_ID]],
  [["events"], [JOB_ID]],
  [["cancel"], [JOB_ID]],
  [["status"]],
  [["stats"]],
  [["prune"]],
  [["config"]],
  [["daemon", "start"]],
  [["list-agents"]],
  [["add-agent"], ["cursor"]],
  [["remove-agent"], ["cursor"]],
  [["version"]],
];

/** Whose receipt is told as that of a start. */
const AS_START: readonly (string | undefined)[] = ["reply", "retry"];

Deno.test("--json: prints the keys that are promised, and no others", async () => {
  const home = Deno.makeTempDirSync({ prefix: "agent-async-json-" });
  try {
    for (const [path, rest = []] of LINES) {
      const json = jsonOf(AS_START.includes(path[0]) ? ["start"] : path) ?? assert.fail(path.join(" "));
      const { code, stdout, stderr } = await commandLine([...path, "--json", ...rest], {
        service: new ScriptedService(),
        control: { status: () => Promise.resolve(DAEMON) },
        env: { HOME: home, PATH: "/nothing" },
        cwd: home,
      });
      assert.equal(code, 0, `${path.join(" ")}: ${stderr}`);
      assertShape(JSON.parse(stdout), shapeOf(json), path.join(" "));
    }
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
});

Deno.test("--json: every command that has it says what it prints", () => {
  const silent = (commands: readonly Command[]): string[] =>
    commands.flatMap((command) => [
      ...(command.inputKeys.includes("json") === (command.json !== undefined) ? [] : [command.name]),
      ...silent(command.subcommands ?? []),
    ]);
  assert.deepEqual(silent(COMMANDS), []);
});

Deno.test("--json: what acts on a terminal or hides in a text is escaped, and reads as it was", async () => {
  const prompt = "a\u202eb\u2066c\x9bd\x7fe\u2028f\u200fg\ufeffh\u{e0041}i é 👩‍🚀";
  const { job_id, ...rest } = aBrief({ prompt });
  const service = new ScriptedService({
    list: () => Promise.resolve({ jobs: [{ job_id, ...rest }], total: 1 }),
  });
  const { stdout } = await commandLine(["list", "--json"], { service });
  assert.doesNotMatch(
    stdout,
    // deno-lint-ignore no-control-regex -- control characters are what this looks for
    /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200f\u2028\u202a-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u,
  );
  assert.match(stdout, /a\\u202eb\\u2066c/);
  assert.ok(stdout.includes("é 👩‍🚀"));
  assert.equal(JSON.parse(stdout).jobs[0].prompt, prompt);
});
