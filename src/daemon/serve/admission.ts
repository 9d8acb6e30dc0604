/**
 * Room `daemon`: the first line in each direction of a connection that anybody could have made. Rule of this file: who
 * has not shown the secret gets no byte, and learns none.
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { ByteStream } from "../../service/remote/frame_channel.ts";
import type { Accepted } from "../endpoint/endpoint.ts";
import { Deadline } from "../../system/deadline.ts";

const SECRET_BYTES = 32;

export const Secret = z.string().regex(/^[0-9a-f]{64}$/);

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("hex");
}

export interface Secrets {
  /** The first line that a client sends. */
  readonly token: string;
  /** The first line that the daemon sends. */
  readonly answer: string;
}

/**
 * Shows the token and asks for the answer, before anything else is said.
 *
 * @returns `stranger` when another answer or none came, `silent` when nothing did within `timeoutMs`; the stream is to
 * be closed then
 */
export async function admit(
  stream: ByteStream,
  { token, answer }: Secrets,
  timeoutMs: number,
): Promise<"admitted" | "stranger" | "silent"> {
  using deadline = new Deadline(timeoutMs, () => closeQuietly(stream));
  try {
    await writeLine(stream, token);
    return await readsLine(stream, answer) ? "admitted" : deadline.isOver ? "silent" : "stranger";
  } catch {
    return deadline.isOver ? "silent" : "stranger";
  }
}

/** The daemon's side: it ends at once for who does not show the token. Whoever reads from it limits the time. */
export class AdmittedStream implements Accepted {
  /** A port does not tell who connected to it. */
  readonly peer = null;
  readonly #stream: ByteStream;
  readonly #secrets: Secrets;
  #isAdmitted = false;

  constructor(stream: ByteStream, secrets: Secrets) {
    this.#stream = stream;
    this.#secrets = secrets;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    if (!this.#isAdmitted && !await this.#admit()) {
      this.close();
      return null;
    }
    return await this.#stream.read(buffer);
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (!this.#isAdmitted) throw new Deno.errors.ConnectionAborted("the token was not shown");
    return await this.#stream.write(bytes);
  }

  close(): void {
    closeQuietly(this.#stream);
  }

  async #admit(): Promise<boolean> {
    if (!await readsLine(this.#stream, this.#secrets.token)) return false;
    await writeLine(this.#stream, this.#secrets.answer);
    return this.#isAdmitted = true;
  }
}

/** Whether the next bytes are exactly this line; the comparison takes as long for a near miss as for any other. */
async function readsLine(stream: ByteStream, secret: string): Promise<boolean> {
  const expected = line(secret);
  const given = new Uint8Array(expected.length);
  for (let length = 0; length < given.length;) {
    const count = await stream.read(given.subarray(length));
    if (count === null) return false;
    length += count;
  }
  return timingSafeEqual(given, expected);
}

async function writeLine(stream: ByteStream, secret: string): Promise<void> {
  const bytes = line(secret);
  for (let offset = 0; offset < bytes.length;) offset += await stream.write(bytes.subarray(offset));
}

function line(secret: string): Uint8Array {
  return new TextEncoder().encode(`${secret}\n`);
}

/** Closes the stream; one that is closed already is no fault. */
export function closeQuietly(stream: ByteStream): void {
  try {
    stream.close();
  } catch {
    // An error had closed it already.
  }
}
