/**
 * Room `system`: environments as bytes, which they are on Unix, and as text, which our messages and files hold. A byte
 * that is no part of UTF-8 is a lone surrogate in the text (U+DC80 to U+DCFF, as of Python's `surrogateescape`): JSON
 * carries it, no real text has one, and it becomes the same byte again.
 *
 * @module
 */

/**
 * Where this process's environment stands as it was given. On Windows the path names a file at the root of whatever
 * drive is the current one, which other users may put there (and Wine shows the one of its own host).
 */
const OWN_ENVIRONMENT = Deno.build.os === "windows" ? null : "/proc/self/environ";

const ESCAPE = 0xdc00;

/**
 * The environment of this process with every byte of it, where the system shows that; else as Deno tells it, which
 * leaves out what is not UTF-8 and may have added variables of its own.
 */
export function ownEnvironment(path: string | null = OWN_ENVIRONMENT): Record<string, string> {
  if (path === null) return Deno.env.toObject();
  try {
    const bytes = Deno.readFileSync(path);
    // A process that has none shows as one that does not tell.
    if (bytes.length > 0) return parseEnvironment(bytes);
  } catch {
    // No `/proc` here.
  }
  return Deno.env.toObject();
}

/** `name=value` entries, each with a NUL behind it. Of two with the same name the first counts, as in `getenv`. */
export function parseEnvironment(bytes: Uint8Array): Record<string, string> {
  const env: Record<string, string> = {};
  for (const entry of textOfBytes(bytes).split("\0")) {
    const end = entry.indexOf("=");
    const name = entry.slice(0, end);
    if (end > 0 && !Object.hasOwn(env, name)) {
      // Not by assignment, which does something else for `__proto__`.
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

/** As it would have to be given to a new process. */
export function environmentEntries(env: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer>[] {
  return Object.entries(env).map(([name, value]) => bytesOfText(`${name}=${value}`));
}

/** Text of bytes that need not be UTF-8; {@link bytesOfText} has the same bytes again. */
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

/** The longest runs that are UTF-8, and what is between them byte by byte. */
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

/** Of the character that begins here, by its first byte; 1 for one that cannot begin any. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
