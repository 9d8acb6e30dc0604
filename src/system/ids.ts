/**
 * Room `system`: random identifiers. The alphabet is given by the caller.
 *
 * @module
 */

export interface IdSource {
  /** A random UUID (version 4). */
  uuid(): string;
}

/** Ids from the operating system's random numbers. */
export const systemIds: IdSource = { uuid: () => crypto.randomUUID() };

/** The limit of `crypto.getRandomValues` for one call. */
const MAX_RANDOM_BYTES = 65_536;

/**
 * A string of `length` random characters of `alphabet`, all equally likely.
 *
 * @throws RangeError for an alphabet that is empty or has more than 256 characters
 */
export function randomId(alphabet: string, length: number): string {
  const size = alphabet.length;
  if (size === 0 || size > 256) {
    throw new RangeError(`Cannot draw an id: the alphabet has ${size} characters`);
  }
  // Bytes from the last whole multiple of the alphabet's size on are discarded: they would favour its first characters.
  const fair = 256 - (256 % size);
  let id = "";
  while (id.length < length) {
    for (
      const byte of crypto.getRandomValues(new Uint8Array(Math.min(length - id.length, MAX_RANDOM_BYTES)))
    ) {
      if (byte < fair) id += alphabet.charAt(byte % size);
    }
  }
  return id;
}
