/**
 * Chaos: what the command line of the suite takes and refuses.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../support/from_file_url.ts";

const CHAOS = fromFileUrl(new URL("chaos.ts", import.meta.url));

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CHAOS, ...args],
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("chaos: --help names every option and attacks nothing", async () => {
  const { code, stdout } = await run("--help");
  assert.equal(code, 0);
  for (const option of ["--list", "--only", "--rounds", "--seed", "--minutes", "--json", "--help"]) {
    assert.match(stdout, new RegExp(`^ +${option}\\b`, "m"));
  }
});

Deno.test("chaos: wrong usage is one line on stderr and exit code 2", async () => {
  const wrong: [string[], string][] = [
    [["--frobnicate"], "Unknown option '--frobnicate'; see --help"],
    [["extra"], "Unexpected argument 'extra'"],
    [["--rounds", "many"], "--rounds wants a whole number, not 'many'; see --help"],
    [["--minutes", "0"], "--minutes wants a number above 0, not '0'; see --help"],
    [["--only", "no such fault"], "no fault has no such fault in its name; see --list"],
  ];
  const answers = await Promise.all(wrong.map(([args]) => run(...args)));
  answers.forEach(({ code, stdout, stderr }, n) => {
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    assert.ok(stderr.startsWith(`deno task chaos: ${wrong[n]?.[1]}`), stderr);
  });
});
