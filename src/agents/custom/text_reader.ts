/**
 * Room `agents`: reads an agent that prints plain text. All of the text is its answer. It has no terminal event: the
 * end of its output stands for one, and its exit code decides (`judge` in `domain` wants 0 as well).
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event_body.ts";
import { plainText } from "../../domain/event/transcript.ts";
import type { Reading, TurnReader } from "../turn_reader.ts";
import { FailureWatch } from "./failure_words.ts";

/** Characters of the result: the end of what was printed, under what every host takes in one piece. */
export const TEXT_RESULT_CHARS = 30_000;

/** Characters and lines after which a paragraph is reported before its end: somebody may be watching. */
const PARAGRAPH_CHARS = 16_000;
const PARAGRAPH_LINES = 20;

export class TextReader implements TurnReader {
  readonly #watch: FailureWatch;
  readonly readError?: (line: string) => readonly EventBody[];
  #paragraph: string[] = [];
  #paragraphChars = 0;
  /** The end of all the text, with room to cut at a line. */
  #tail: string[] = [];
  #tailChars = 0;
  #cut = false;

  /** @param watch for the words of a failure: its exit code may say nothing of one */
  constructor(watch: FailureWatch = new FailureWatch([], 0)) {
    this.#watch = watch;
    if (watch.readsErrors) {
      this.readError = (line) => {
        watch.look(line, "stderr");
        return [];
      };
    }
  }

  read(line: string): Reading {
    this.#watch.look(line, "output");
    const text = plainText(line).trimEnd();
    this.#remember(text);
    if (text === "") return { events: this.#endParagraph() };
    this.#paragraph.push(text);
    this.#paragraphChars += text.length;
    const isLong = this.#paragraphChars > PARAGRAPH_CHARS || this.#paragraph.length >= PARAGRAPH_LINES;
    return { events: isLong ? this.#endParagraph() : [] };
  }

  pause(): readonly EventBody[] {
    return this.#endParagraph();
  }

  finish(): Reading {
    const text = this.#tail.join("\n").trim();
    const result = this.#cut
      ? `(the beginning is in the job's output)\n${text.slice(-TEXT_RESULT_CHARS)}`
      : text;
    const { failure } = this.#watch;
    if (failure !== null) return { events: this.#endParagraph(), terminal: { ok: false, failure } };
    return {
      events: this.#endParagraph(),
      terminal: { ok: true, isImplied: true, ...(text === "" ? {} : { result }) },
    };
  }

  #remember(text: string): void {
    this.#tail.push(text);
    this.#tailChars += text.length + 1;
    let dropped = 0;
    while (this.#tail.length - dropped > 1 && this.#tailChars > TEXT_RESULT_CHARS) {
      this.#tailChars -= (this.#tail[dropped]?.length ?? 0) + 1;
      dropped++;
    }
    if (dropped > 0) this.#tail.splice(0, dropped);
    this.#cut ||= dropped > 0 || text.length > TEXT_RESULT_CHARS;
  }

  #endParagraph(): EventBody[] {
    const text = this.#paragraph.join("\n");
    this.#paragraph = [];
    this.#paragraphChars = 0;
    return text === "" ? [] : [{ type: "message", text }];
  }
}
