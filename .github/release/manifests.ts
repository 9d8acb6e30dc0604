/**
 * Releasing: the files that name the version, and the version in each. `deno.json` is the one that counts; the program
 * itself reads nothing else.
 *
 * @module
 */

/** A file and where in it the version stands; all of them have it at the top. */
export const MANIFESTS = [
  "deno.json",
  "server.json",
  ".claude-plugin/plugin.json",
  ".github/release/mcpb/manifest.json",
] as const;

const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const MEMBER = /^( {2}"version": ")([^"]*)(",?)$/m;

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** The version that a manifest's text names; `null` when none stands at its top level. */
export function versionIn(text: string): string | null {
  return MEMBER.exec(text)?.[2] ?? null;
}

/** The text with another version, otherwise the same to the byte. */
export function withVersion(path: string, text: string, version: string): string {
  const before = versionIn(text);
  if (before === null) throw new Error(`${path} names no version`);
  const changed = text.replace(MEMBER, `$1${version}$3`);
  // The addresses of a release's own files carry its version too.
  return changed.replaceAll(`/releases/download/v${before}/`, `/releases/download/v${version}/`);
}
