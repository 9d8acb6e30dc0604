/**
 * Room `mcp`: whole lines out of a byte stream, in time linear in its length and in bounded memory.
 *
 * @module
 */
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { textOfBytes } from "../../system/processes/environment_bytes.ts";

/**
 * Bytes of one message. The longest that makes sense is a prompt of 1,000,000 characters, six bytes each when every
 * one is escaped; the rest is room for hosts to be told properly that theirs is too long.
 */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

export type Line = { kind: "line"; text: string } | { kind: "too_long"; bytes: number };

const NEWLINE = 0x0a;

/**
 * The lines of `input` without their ends; blank ones are left out. A last one without an end counts when it is a whole
 * message, since some hosts write none; half a message is left out. A byte that is not UTF-8 becomes a lone surrogate,
 * which the check of the arguments refuses by name. Ends quietly when the stream fails: the host is gone.
 */
export async function* readLines(
  input: ReadableStream<Uint8Array>,
  options: { signal: AbortSignal; maxBytes?: number },
): AsyncGenerator<Line> {
  const maxBytes = options.maxBytes ?? MAX_MESSAGE_BYTES;
  const reader = input.getReader();
  // Not awaited: on some platforms it ends only with the next byte.
  const stop = () => void reader.cancel().catch(() => {});
  options.signal.addEventListener("abort", stop, { once: true });
  const line = new LineBuffer(maxBytes);
  try {
    while (!options.signal.aborted) {
      const { done, value } = await reader.read().catch(() => FAILED);
      if (value === undefined) {
        const last = done ? line.take() : undefined;
        if (last?.kind === "line" && parsedJson(last.text) !== undefined && !options.signal.aborted) {
          yield last;
        }
        return;
      }
      let start = 0;
      for (let end = value.indexOf(NEWLINE); end !== -1; end = value.indexOf(NEWLINE, start)) {
        line.push(value.subarray(start, end));
        start = end + 1;
        const whole = line.take();
        if (whole !== undefined) yield whole;
      }
      line.push(value.subarray(start));
    }
  } finally {
    options.signal.removeEventListener("abort", stop);
    stop();
  }
}

const FAILED = { done: false, value: undefined } as const;

class LineBuffer {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    else this.#parts.push(part);
  }

  take(): Line | undefined {
    const bytes = this.#bytes;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > this.#maxBytes) return { kind: "too_long", bytes };
    const [first] = parts;
    const text = textOfBytes(first !== undefined && parts.length === 1 ? first : joined(parts, bytes))
      .replace(/^\ufeff/, "");
    return text.trim() === "" ? undefined : { kind: "line", text };
  }
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
