/**
 * Room `system`: random identifiers. It knows no alphabet of its own; callers bring the domain's.
 *
 * @module
 */

export interface IdSource {
  jobId(): string;
  /** A random UUID (version 4). */
  uuid(): string;
  /** 256 random bits in hexadecimal. */
  token(): string;
}

/** Ids from the operating system's random numbers. */
export function cryptoIds(jobIds: { alphabet: string; length: number }): IdSource {
  return {
    jobId: () => randomId(jobIds.alphabet, jobIds.length),
    uuid: () => crypto.randomUUID(),
    token: () => randomId("0123456789abcdef", 64),
  };
}

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
