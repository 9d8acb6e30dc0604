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
  for (
    const option of [
      "--list",
      "--only",
      "--rounds",
      "--seed",
      "--minutes",
      "--json",
      "--from",
      "--by-family",
      "--record",
      "--help",
    ]
  ) {
    assert.match(stdout, new RegExp(`^ +${option}\\b`, "m"));
  }
});

Deno.test("chaos: wrong usage is one line on stderr and exit code 2", async () => {
  const wrong: [string[], string][] = [
    [["--frobnicate"], "Unknown option '--frobnicate'; see --help"],
    [["extra"], "Unexpected argument 'extra'"],
    [["--rounds", "many"], "--rounds wants a whole number, not 'many'; see --help"],
    [["--from", "/nowhere.json"], "--from: No such file"],
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

Deno.test("chaos: runs that were kept as JSON are added up, by fault and by family", async () => {
  const directory = await Deno.makeTempDir();
  const row = (family: string, fault: string, tried: number, lost = 0) => ({
    family,
    fault,
    tried,
    seconds: 1,
    skipped: tried === 0 ? "no strace" : null,
    jobs: 2 * tried,
    lost,
    doubled: 0,
    wrong: 0,
    left: 0,
    notes: [],
  });
  const [first, second] = [`${directory}/1.json`, `${directory}/2.json`];
  await Deno.writeTextFile(first, JSON.stringify([row("machine", "a", 3), row("machine", "b", 0)]));
  await Deno.writeTextFile(second, JSON.stringify([row("machine", "a", 4, 1), row("load", "c", 1)]));
  const faults = await run("--from", first, "--from", second);
  assert.equal(faults.code, 1, "something was lost");
  assert.match(faults.stdout, /^\| machine: a +\| +7 \| +14 \| +1 \|/m);
  assert.match(faults.stdout, /^\| machine: b +\| +- \|/m);
  assert.match(faults.stdout, /^\| all +\| +8 \|/m);
  const families = await run("--from", first, "--by-family");
  assert.equal(families.code, 0);
  assert.match(families.stdout, /^\| machine: 1 fault \| +3 \| +6 \|/m);
  await Deno.remove(directory, { recursive: true });
});
