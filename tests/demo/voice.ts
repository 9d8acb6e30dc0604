/**
 * The demonstration's way of speaking: numbered steps, and below each what came of it.
 *
 * @module
 */
import { plainText } from "../../src/domain/event/transcript.ts";

export class Voice {
  #steps = 0;
  readonly #isColoured = Deno.stdout.isTerminal() && !Deno.noColor;

  /** What happens next, and the call that does it. */
  step(title: string, call?: string): void {
    console.log(`\n${this.#paint("1", `${++this.#steps}. ${title}`)}`);
    if (call !== undefined) console.log(this.#paint("36", `   > ${call}`));
  }

  /** Lines below the step; whatever an agent said is made harmless to the terminal. */
  say(text: string): void {
    for (const line of plainText(text).trimEnd().split("\n")) console.log(`   ${line}`);
  }

  /** Names in one column, what they are in the next. */
  table(rows: readonly (readonly [name: string, value: string])[]): void {
    const width = Math.max(...rows.map(([name]) => name.length));
    for (const [name, value] of rows) this.say(`${name.padEnd(width)}  ${value}`);
  }

  #paint(code: string, text: string): string {
    return this.#isColoured ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
