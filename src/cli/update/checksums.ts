/**
 * Room `cli`: the file `SHA256SUMS` of a release, as `sha256sum` writes it.
 *
 * @module
 */

const LINE = /^([0-9a-f]{64}) [ *](\S+)$/;

/** SHA-256 in lower-case hexadecimal by file name; `null` when a line is something else: then none can be trusted. */
export function parseChecksums(text: string): ReadonlyMap<string, string> | null {
  const lines = text.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "");
  const sums = new Map<string, string>();
  for (const line of lines) {
    const [, sum, name] = LINE.exec(line) ?? [];
    if (sum === undefined || name === undefined || sums.has(name)) return null;
    sums.set(name, sum);
  }
  return sums.size === 0 ? null : sums;
}
