/**
 * Tests of room `scheduler`: what a turn prints becomes events, while it is printed and by one daemon after another.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TurnReader } from "../../src/agents/turn_reader.ts";
import { TextReader } from "../../src/agents/custom/text_reader.ts";
import { readEvents } from "../../src/kernel/events/event_reader.ts";
import { TurnOutput } from "../../src/scheduler/turn/output.ts";
import { KernelHome } from "../support/kernel_home.ts";
import { seededRandom } from "../support/seeded_random.ts";

/** The output of a turn whose agent prints text, and a clock that stands still. */
function textTurn(reader: () => TurnReader = () => new TextReader()) {
  const home = new KernelHome();
  const directory = home.newJob();
  const turn = directory.turn(1);
  Deno.mkdirSync(turn.path, { recursive: true });
  Deno.writeTextFileSync(turn.rawFile, "");
  let now = 0;
  const clock = { now: () => now, steady: () => now };
  return {
    /** As a daemon opens it. */
    open: () =>
      new TurnOutput({
        turn: 1,
        rawFile: turn.rawFile,
        errorFile: turn.stderrFile,
        directory,
        reader: reader(),
        clock,
      }),
    complain: (text: string) => Deno.writeTextFileSync(turn.stderrFile, text, { append: true }),
    print: (text: string) => Deno.writeTextFileSync(turn.rawFile, text, { append: true }),
    pass: (ms: number) => now += ms,
    async messages() {
      const { events } = await readEvents(directory, {
        after: 0,
        limit: 500,
        truncate: 0,
        maxChars: Infinity,
      });
      return events.flatMap((event) => event.type === "message" ? [event.text] : []);
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

Deno.test("turn output: a paragraph that is not ended is told once nothing more comes", async () => {
  await using turn = textTurn();
  const output = turn.open();
  turn.print("Looking around.\nOne moment\n");
  output.pump();
  turn.pass(500);
  output.pump();
  assert.deepEqual(await turn.messages(), []);
  turn.pass(1_000);
  assert.deepEqual(output.pump(), { added: true, more: false });
  assert.deepEqual(output.pump(), { added: false, more: false });
  turn.print("Done.\n");
  output.pump();
  output.drain();
  output.close();
  assert.deepEqual(await turn.messages(), ["Looking around.\nOne moment", "Done."]);
  assert.deepEqual(output.lastWord?.word, {
    ok: true,
    isImplied: true,
    result: "Looking around.\nOne moment\nDone.",
  });
});

Deno.test("turn output: whenever daemons follow one another and the agent pauses, each line is told once", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    await using turn = textTurn();
    let output = turn.open();
    const printed: string[] = [];
    for (let line = 0; line < 90; line++) {
      const text = random.below(8) === 0 ? "" : `line ${line}`;
      if (text !== "") printed.push(text);
      turn.print(`${text}\n`);
      if (random.below(3) === 0) output.pump();
      if (random.below(6) === 0) turn.pass(1_500);
      if (random.below(6) === 0) output.pump();
      if (random.below(9) === 0) {
        output.close();
        output = turn.open();
      }
    }
    output.pump();
    output.drain();
    output.close();
    const told = (await turn.messages()).flatMap((message) => message.split("\n"));
    assert.deepEqual(told, printed, `seed ${seed}`);
  }
});

/** Tells each line of both streams, and how many there were of stderr at the end. */
class BothReader implements TurnReader {
  #errors = 0;

  read(line: string) {
    return {
      events: [{ type: "message", text: line } as const, { type: "message", text: `${line}!` } as const],
    };
  }

  readError(line: string) {
    this.#errors++;
    return line.startsWith("err") ? [{ type: "message", text: line } as const] : [];
  }

  finish() {
    return { events: [{ type: "message", text: `${this.#errors} errors` } as const] };
  }
}

Deno.test("turn output: whatever daemons follow one another, each line of stderr is told once too", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    await using turn = textTurn(() => new BothReader());
    let output = turn.open();
    const printed: string[] = [];
    const complained: string[] = [];
    for (let line = 0; line < 60; line++) {
      if (random.below(2) === 0) {
        printed.push(`out ${line}`, `out ${line}!`);
        turn.print(`out ${line}\n`);
      } else {
        const text = random.below(3) === 0 ? `chatter ${line}` : `err ${line}`;
        complained.push(text);
        turn.complain(`${text}\n`);
      }
      if (random.below(3) === 0) output.pump();
      if (random.below(6) === 0) {
        output.close();
        output = turn.open();
      }
    }
    turn.complain("err without a newline");
    output.pump();
    output.drain();
    output.close();
    const told = await turn.messages();
    const errors = [...complained.filter((text) => text.startsWith("err")), "err without a newline"];
    assert.deepEqual(told.filter((text) => text.startsWith("out")), printed, `seed ${seed}`);
    assert.deepEqual(told.filter((text) => text.startsWith("err")), errors, `seed ${seed}`);
    assert.equal(told.at(-1), `${complained.length + 1} errors`, `seed ${seed}`);
  }
});
