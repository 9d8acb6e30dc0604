/**
 * Room `system`: random identifiers. It knows no alphabet of its own; callers bring the domain's.
 *
 * @module
 */

export interface IdSource {
  /** A random UUID (version 4). */
  uuid(): string;
}

/** Ids from the operating system's random numbers. */
export const systemIds: IdSource = { uuid: () => crypto.randomUUID() };

/** What `crypto.getRandomValues` gives at once. */
const MAX_RANDOM_BYTES = 65_536;

/**
 * `length` characters of `alphabet`, each as likely as the others.
 *
 * @throws RangeError for an alphabet of none or of more than 256 characters.
 */
export function randomId(alphabet: string, length: number): string {
  const size = alphabet.length;
  if (size === 0 || size > 256) {
    throw new RangeError(`Cannot draw an id: the alphabet has ${size} characters`);
  }
  // A byte beyond the last whole multiple of the alphabet would favour its first characters.
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
