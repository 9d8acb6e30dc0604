/**
 * Tests of room `cli`: a current directory that is gone, or whose name is no text, keeps nothing from working that does
 * not need it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../support/from_file_url.ts";
import { Executable, MAIN } from "./executable.ts";

const GONE_MAIN = fromFileUrl(new URL("../fixtures/gone_directory_main.ts", import.meta.url));

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As the program, below `sh -c` so that bytes that are no text can be named. */
async function run(program: Executable, script: string, args: readonly string[], stdin = ""): Promise<Said> {
  const child = new Deno.Command("sh", {
    args: ["-c", script, Deno.execPath(), ...args],
    cwd: program.state.cwd,
    env: program.env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const GREETING = `${
  JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  })
}\n`;

const PLACES = [
  {
    name: "that was removed",
    script: `exec "$0" run -A --no-check '${GONE_MAIN}' "$PWD/gone" "$@"`,
    said: /Cannot tell the current directory: it has been removed/,
  },
  {
    name: "whose name is no UTF-8",
    script: `d=$(printf 'b\\377d'); mkdir -p "$d"; cd "$d"; exec "$0" run -A --no-check '${MAIN}' "$@"`,
    said: /Cannot tell the current directory: .*not valid UTF-8/,
  },
];

for (const { name, script, said } of PLACES) {
  Deno.test({
    name: `current directory ${name}: only what needs it fails, and in words`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      await using program = new Executable();
      const cwd = program.state.cwd;
      const list = await run(program, script, ["list"]);
      assert.deepEqual([list.code, list.stderr], [0, "No jobs.\n"]);
      const start = await run(program, script, ["start", "say hello"]);
      assert.equal(start.code, 1, start.stderr);
      assert.match(start.stderr, said);
      assert.match(start.stderr, /Change to another directory/);
      assert.doesNotMatch(start.stderr, /\n +at /);
      const elsewhere = await run(program, script, ["run", "-C", cwd, "say hello"]);
      assert.equal(elsewhere.code, 0, elsewhere.stderr);
      const hosts = await run(program, script, ["list-agents"]);
      assert.equal(hosts.code, 0, hosts.stderr);
      const served = await run(program, script, ["mcp"], GREETING);
      assert.deepEqual([served.code, JSON.parse(served.stdout).id], [0, 1], served.stderr);
    },
  });
}
