/**
 * Room `places`: reads what a process prints, up to a limit.
 *
 * @module
 */

export interface Collected {
  /** At most `maxBytes` bytes: the first ones. */
  readonly bytes: Uint8Array;
}

/** Reads to the end, also beyond the limit, so that the process is never blocked. @param options.onFull called once */
export async function collect(
  stream: ReadableStream<Uint8Array>,
  { maxBytes, onFull }: { maxBytes: number; onFull?: () => void },
): Promise<Collected> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isFull = false;
  for await (const chunk of stream) {
    const kept = chunk.subarray(0, maxBytes - length);
    if (kept.length > 0) chunks.push(kept);
    length += kept.length;
    if (kept.length < chunk.length && !isFull) {
      isFull = true;
      onFull?.();
    }
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes };
}
