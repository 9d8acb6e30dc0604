/** The feeder that is chosen on this system, whichever it is: what is appended to a file comes out of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ownFeeder } from "../../src/daemon/serve/choose_wrapper.ts";
import { chooseFeeder } from "../../src/kernel/channel/choose_feeder.ts";
import { NO_PIPES, testUnless } from "../support/skippable.ts";

testUnless(NO_PIPES, "chooseFeeder: what is appended comes out whole and in order", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "aa-feeder-" });
  try {
    const [program = "", ...args] = await chooseFeeder({ directory, fallback: ownFeeder() });
    const file = join(directory, "in.jsonl");
    Deno.writeTextFileSync(file, "line 0\n");
    const child = new Deno.Command(program, {
      args: [...args, file],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const expected = Array.from({ length: 20 }, (_, n) => `line ${n}\n`);
    let text = "";
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += piece;
      const next = text.split("\n").length - 1;
      if (next === expected.length) break;
      if (text === expected.slice(0, next).join("")) {
        Deno.writeTextFileSync(file, `line ${next}\n`, { append: true });
      }
    }
    child.kill("SIGKILL");
    await child.status;
    assert.equal(text, expected.join(""));
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["in.jsonl"]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
