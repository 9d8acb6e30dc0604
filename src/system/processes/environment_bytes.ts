/**
 * Room `system`: converts environments between bytes, which they are on Unix, and text, which JSON can hold. A byte
 * that is not valid UTF-8 becomes a lone surrogate (U+DC80 to U+DCFF, like Python's `surrogateescape`). JSON carries
 * it, real text never holds one, and it is converted back to the same byte.
 *
 * @module
 */

/**
 * The file that holds this process's original environment. `null` on Windows: there the path would name a file on the
 * current drive, which other users may create. (Wine shows its Linux host's.)
 */
const OWN_ENVIRONMENT = Deno.build.os === "windows" ? null : "/proc/self/environ";

const ESCAPE = 0xdc00;

/**
 * The environment of this process, byte for byte where `/proc` is available. Otherwise it is what Deno reports, which
 * lacks variables that are not UTF-8 and may hold some that Deno added.
 */
export function ownEnvironment(path: string | null = OWN_ENVIRONMENT): Record<string, string> {
  if (path === null) return Deno.env.toObject();
  try {
    const bytes = Deno.readFileSync(path);
    // An empty file may mean an empty environment or a hidden one, so Deno is asked.
    if (bytes.length > 0) return parseEnvironment(bytes);
  } catch {
    // This system has no `/proc`.
  }
  return Deno.env.toObject();
}

/**
 * Parses `name=value` entries, each ended by a NUL. Of two entries with the same name the first counts, as in `getenv`.
 */
export function parseEnvironment(bytes: Uint8Array): Record<string, string> {
  const env: Record<string, string> = {};
  for (const entry of textOfBytes(bytes).split("\0")) {
    const end = entry.indexOf("=");
    const name = entry.slice(0, end);
    if (end > 0 && !Object.hasOwn(env, name)) {
      // Assignment would set the prototype for a variable named `__proto__`.
      Object.defineProperty(env, name, {
        value: entry.slice(end + 1),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
  return env;
}

/** The environment as `name=value` entries in bytes, for starting a process. */
export function environmentEntries(env: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer>[] {
  return Object.entries(env).map(([name, value]) => bytesOfText(`${name}=${value}`));
}

/** Bytes as text, which need not be UTF-8. {@link bytesOfText} converts back to the same bytes. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return textOfStrangeBytes(bytes);
  }
}

export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (isEscape(code)) bytes.push(code - ESCAPE);
    else for (const byte of new TextEncoder().encode(character)) bytes.push(byte);
  }
  return new Uint8Array(bytes);
}

function isEscape(code: number): boolean {
  return code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff;
}

/** Decodes character by character; a byte that belongs to no valid character becomes a lone surrogate. */
function textOfStrangeBytes(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    try {
      text += decoder.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += String.fromCharCode(ESCAPE + bytes[at]!);
      at += 1;
    }
  }
  return text;
}

/**
 * The length in bytes of the UTF-8 character at `at`, judged by its first byte; 1 for a byte that cannot begin one.
 */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
