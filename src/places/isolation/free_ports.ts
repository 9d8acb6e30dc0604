/**
 * Room `places`: a block of ports for a place.
 *
 * @module
 */
import { PORT_COUNT } from "./place.ts";

/** Below the ports that systems give to outgoing connections, above those of well-known servers. */
const FIRST = 20_000;
const BLOCKS = 1_200;

/**
 * The first port of a block in which nothing listens on loopback.
 *
 * @param taken first ports of other blocks
 */
export function freePorts(taken: ReadonlySet<number>): number {
  const start = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  for (let count = 0; count < BLOCKS; count++) {
    const port = FIRST + ((start + count) % BLOCKS) * PORT_COUNT;
    if (!taken.has(port) && isFree(port)) return port;
  }
  // All are in use: a block of somebody else's is better than no place.
  return FIRST + (start % BLOCKS) * PORT_COUNT;
}

function isFree(first: number): boolean {
  const open: Deno.Listener[] = [];
  try {
    for (let port = first; port < first + PORT_COUNT; port++) {
      open.push(Deno.listen({ hostname: "127.0.0.1", port }));
    }
    return true;
  } catch {
    return false;
  } finally {
    for (const listener of open) listener.close();
  }
}
