/**
 * Room `service`: bytes into frames. Whole lines only, so that UTF-8 is never split; work is linear in the bytes.
 *
 * @module
 */
import type * as z from "zod";
import { MAX_FRAME_DEPTH } from "./wire.ts";

/** Bytes that are no frame. What follows them cannot be trusted to begin at a frame, so the connection ends. */
export class BadFrame extends Error {
  override readonly name = "BadFrame";
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export class FrameReader<Frame> {
  #schema: z.ZodType<Frame>;
  #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(schema: z.ZodType<Frame>, maxBytes: number) {
    this.#schema = schema;
    this.#maxBytes = maxBytes;
  }

  /**
   * The frames that `chunk` completes; empty lines are passed over. The chunk's memory may be used again afterwards.
   * @throws {BadFrame}
   */
  *push(chunk: Uint8Array): Generator<Frame> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const line = this.#take();
      if (line.trim() !== "") yield this.#parse(line);
    }
    this.#keep(chunk.slice(start));
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) throw new BadFrame(`a frame has more than ${this.#maxBytes} bytes`);
  }

  #take(): string {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    try {
      return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
    } catch {
      throw new BadFrame("a frame is not UTF-8");
    }
  }

  #parse(line: string): Frame {
    if (isDeeperThan(line, MAX_FRAME_DEPTH)) {
      throw new BadFrame(`a frame has more than ${MAX_FRAME_DEPTH} levels`);
    }
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new BadFrame("a frame is not JSON");
    }
    const frame = this.#schema.safeParse(value);
    if (!frame.success) throw new BadFrame("a line of JSON is not a frame");
    return frame.data;
  }
}

/** Brackets outside of strings, counted before parsing: what is too deep is never built. */
function isDeeperThan(json: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const mark = json.charCodeAt(at);
    if (mark === QUOTE) at = endOfString(json, at);
    else if (mark === OPEN_BRACKET || mark === OPEN_BRACE) depth += 1;
    else if (mark === CLOSE_BRACKET || mark === CLOSE_BRACE) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

/** Where the string that begins at `start` closes; the end of the text when it does not. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return json.length;
}
