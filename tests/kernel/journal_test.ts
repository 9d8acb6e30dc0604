/** What was said, and that it was: both survive a process that is killed between any two bytes. */
import assert from "node:assert/strict";
import { GrowingFile } from "../../src/kernel/channel/growing_file.ts";
import { Journal, readJournal } from "../../src/kernel/channel/journal.ts";
import { chooseFeeder } from "../../src/kernel/channel/choose_feeder.ts";
import { SHELLS } from "../support/shells.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";

const SAID = ["one\n", "zwei ünïcödé 😀\n", "\n", "four\n"];

Deno.test("GrowingFile: what is missing of what was said is appended, be it half a character", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/in.jsonl`;
  const whole = new TextEncoder().encode(SAID.join(""));
  for (let length = 0; length <= whole.length; length++) {
    Deno.writeFileSync(path, whole.subarray(0, length));
    using file = new GrowingFile(path, SAID);
    assert.equal(file.isWhole, length === whole.length);
    file.say("five\n");
    file.flush();
    assert.equal(Deno.readTextFileSync(path), `${SAID.join("")}five\n`);
    assert.deepEqual([file.isWhole, file.length], [true, whole.length + 5]);
  }
  Deno.removeSync(directory, { recursive: true });
});

Deno.test("Journal: an entry that was torn is cut off, and all before it is there", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/inputs.jsonl`;
  {
    using journal = Journal.open(path);
    assert.deepEqual(journal.entries, []);
    journal.append({ raw: 0, at: 1, kind: "open" });
    journal.append({ raw: 0, at: 2, kind: "prompt", payload: { text: "tü 😀\n" } });
    journal.append({ raw: 9, at: 3, kind: "say", says: [{ key: "a", line: '{"x":1}', acknowledged: true }] });
  }
  const whole = Deno.readFileSync(path);
  const lines = new TextDecoder().decode(whole).split("\n").slice(0, -1);
  for (let length = 0; length <= whole.length; length++) {
    Deno.writeFileSync(path, whole.subarray(0, length));
    const count = new TextDecoder().decode(whole.subarray(0, length)).split("\n").length - 1;
    const kept = lines.slice(0, count).map((line) => JSON.parse(line));
    assert.deepEqual(readJournal(path), kept);
    using journal = Journal.open(path);
    assert.deepEqual(journal.entries, kept);
    const next = journal.append({ raw: 9, at: 4, kind: "tick" });
    assert.equal(next.n, count + 1);
    assert.deepEqual(readJournal(path), [...kept, next]);
  }
  Deno.removeSync(directory, { recursive: true });
});

testUnless(NOT_LINUX, "chooseFeeder: a tail that is quick, else what is given", async () => {
  const directory = Deno.makeTempDirSync();
  const fallback = ["/our/own"];
  const chosen = (directories: string[]) => chooseFeeder({ directory, fallback, directories });
  assert.deepEqual(await chosen([`${directory}/none`]), fallback);
  const gnu = await chosen(["/usr/bin"]);
  assert.deepEqual(gnu, ["/usr/bin/tail", "-s", "0.02", "-c", "+1", "-f"]);
  const busybox = SHELLS.find(({ program }) => program === "busybox")?.path ?? null;
  if (busybox !== null) {
    Deno.mkdirSync(`${directory}/busy`);
    Deno.symlinkSync(busybox, `${directory}/busy/tail`);
    assert.deepEqual(await chosen([`${directory}/busy`]), fallback);
    assert.deepEqual(await chosen([`${directory}/busy`, "/usr/bin"]), gnu);
    Deno.removeSync(`${directory}/busy`, { recursive: true });
  }
  assert.deepEqual([...Deno.readDirSync(directory)], []);
  Deno.removeSync(directory, { recursive: true });
});
