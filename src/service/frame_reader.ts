/**
 * Room `service`: bytes into frames. Whole lines only, so that UTF-8 is never split; work is linear in the bytes.
 *
 * @module
 */
import type * as z from "zod";
import { isDeeperThan } from "../domain/reading/json_depth.ts";
import { MAX_FRAME_DEPTH } from "./wire.ts";

/** Bytes that are no frame. What follows them cannot be trusted to begin at a frame, so the connection ends. */
export class BadFrame extends Error {
  override readonly name = "BadFrame";
}

const NEWLINE = 0x0a;

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
