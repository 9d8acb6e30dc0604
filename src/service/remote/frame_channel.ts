/**
 * Room `service`: frames over a byte stream, in both directions. Rule of this file: neither direction grows without
 * bound: a frame has a limit, the queue to a peer that does not read has one, and then the channel closes.
 *
 * @module
 */
import type * as z from "zod";
import { invalidArgument } from "../../domain/errors.ts";
import { FrameReader } from "../frame_reader.ts";
import { MAX_FRAME_BYTES } from "../wire.ts";
import { Deadline } from "../../system/deadline.ts";

/** The part of `Deno.Conn` that is needed. */
export interface ByteStream {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

export interface ChannelLimits {
  maxFrameBytes: number;
  /** Bytes that wait for a peer that does not read; over it the channel closes. At least one frame. */
  maxQueuedBytes: number;
  /** Bytes in the queue above which {@link FrameChannel.roomy} waits. */
  highWaterBytes: number;
  /** Ms that a peer may go without reading while something waits for it. */
  stallMs: number;
}

export const CHANNEL_LIMITS: ChannelLimits = {
  maxFrameBytes: MAX_FRAME_BYTES,
  maxQueuedBytes: 2 * MAX_FRAME_BYTES,
  highWaterBytes: 4 * 1024 * 1024,
  stallMs: 60_000,
};

/** Small enough that a peer that reads slowly shows progress. */
const WRITE_BYTES = 256 * 1024;

export class FrameChannel<Incoming> {
  #stream: ByteStream;
  #incoming: z.ZodType<Incoming>;
  #limits: ChannelLimits;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #writing = false;
  #open = true;
  #waiters: (() => void)[] = [];

  constructor(stream: ByteStream, incoming: z.ZodType<Incoming>, limits: Partial<ChannelLimits> = {}) {
    this.#stream = stream;
    this.#incoming = incoming;
    this.#limits = { ...CHANNEL_LIMITS, ...limits };
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * Frames as they come, until the peer or this side closes; half a frame at the end is dropped. Closes the channel
   * when it ends in any way. To be iterated once.
   * @throws {BadFrame} for bytes that are no frame.
   */
  async *frames(): AsyncGenerator<Incoming> {
    const reader = new FrameReader(this.#incoming, this.#limits.maxFrameBytes);
    const buffer = new Uint8Array(64 * 1024);
    try {
      while (this.#open) {
        const count = await this.#read(buffer);
        if (count === null) return;
        yield* reader.push(buffer.subarray(0, count));
      }
    } finally {
      this.close();
    }
  }

  /**
   * Queues a frame; a closed channel drops it. A peer that has let the queue grow over its limit is cut off.
   * @throws {AgentAsyncError} `invalid_argument` for a frame over the limit, which is not sent.
   */
  send(frame: unknown): void {
    if (!this.#open) return;
    const bytes = new TextEncoder().encode(`${JSON.stringify(frame)}\n`);
    if (bytes.length > this.#limits.maxFrameBytes) {
      throw invalidArgument(
        "frame",
        `has ${bytes.length} bytes, at most ${this.#limits.maxFrameBytes} can be sent`,
      );
    }
    if (this.#queuedBytes + bytes.length > this.#limits.maxQueuedBytes) return this.close();
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (!this.#writing) void this.#write();
  }

  /** Resolves when the queue is short enough to take on more work for this peer, or the channel has closed. */
  async roomy(): Promise<void> {
    while (this.#open && this.#queuedBytes > this.#limits.highWaterBytes) await this.#change();
  }

  /** Resolves when everything has been written, or the channel has closed. */
  async flushed(): Promise<void> {
    while (this.#open && this.#queuedBytes > 0) await this.#change();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#queue = [];
    this.#queuedBytes = 0;
    try {
      this.#stream.close();
    } catch {
      // An error had closed it already.
    }
    this.#wake();
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.#stream.read(buffer);
    } catch {
      // Reset by the peer, or closed by this side while reading: the end in both cases.
      return null;
    }
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      for (let bytes = this.#queue.shift(); bytes !== undefined; bytes = this.#queue.shift()) {
        for (let offset = 0; offset < bytes.length && this.#open;) {
          const count = await this.#writeSome(bytes.subarray(offset, offset + WRITE_BYTES));
          offset += count;
          this.#queuedBytes = Math.max(0, this.#queuedBytes - count);
          this.#wake();
        }
      }
    } catch {
      this.close();
    } finally {
      this.#writing = false;
    }
  }

  async #writeSome(bytes: Uint8Array): Promise<number> {
    using _stalled = new Deadline(this.#limits.stallMs, () => this.close());
    return await this.#stream.write(bytes);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
