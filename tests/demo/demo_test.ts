/** The demonstration shows what it promises, and leaves nothing behind when it is interrupted either. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fromFileUrl } from "../support/from_file_url.ts";

const DEMO = fromFileUrl(new URL("./demo.ts", import.meta.url));

/** @param interruptAt SIGINT comes as soon as this has been printed. */
async function runDemo(interruptAt?: string): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", DEMO],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  let isInterrupted = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (isInterrupted || interruptAt === undefined || !output.includes(interruptAt)) continue;
    isInterrupted = true;
    child.kill("SIGINT");
  }
  return { code: (await child.status).code, output };
}

/** Its directories are gone, and no process names them. */
function assertNothingLeft(output: string): void {
  for (const name of ["state", "cwd"]) {
    const path = new RegExp(`^ +${name} +(/.*)$`, "m").exec(output)?.[1];
    assert.ok(path !== undefined, output);
    const directory = dirname(path);
    assert.throws(() => Deno.statSync(directory), Deno.errors.NotFound);
    assert.deepEqual(processesWith(directory), []);
  }
}

/** Pids whose environment names the directory. */
function processesWith(directory: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/environ`).includes(directory);
    } catch {
      return false;
    }
  });
}

Deno.test("demo: a job of the real Codex from start to result, with its events, its file and a reply", async () => {
  const { code, output } = await runDemo();
  assert.equal(code, 0, output);
  for (
    const sight of [
      /^ {3}codex_start +Start/m,
      /^ {3}job \w{8}, (?:running|pending): /m,
      /^ +\d+ .* command +\$ cat greeting\.txt$/m,
      /^ {3}status +done \(completed\), exit code 0$/m,
      /^ {3}usage +400 tokens in \(80 cached\), 40 out$/m,
      /^ {3}Hello from a background job\.$/m,
      /^ {3}question +.*date > stamp\.txt/m,
      /^ {3}done: The date is in stamp\.txt\.$/m,
      /^ {3}turn 2, the same session: It is greeting\.txt, as I said before\.$/m,
    ]
  ) assert.match(output, sight);
  assertNothingLeft(output);
});

Deno.test("demo: Ctrl-C in the middle of a job cleans up as well", async () => {
  const { code, output } = await runDemo("**Looking around**");
  assert.equal(code, 130, output);
  assert.match(output, /Cleaning up/);
  assertNothingLeft(output);
});
