/**
 * Room `cli`: an argument vector as the text that a host gives to its shell.
 *
 * @module
 */

/** For a POSIX shell, which on Windows is Git's bash. Variables are set for this command alone. */
export function shellCommand(
  words: readonly string[],
  { env, os }: { env: Readonly<Record<string, string>>; os: string },
): string {
  const quoted = (word: string) => {
    if (/^[\w@%+=:,./-]+$/.test(word)) return word;
    return os === "windows" ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
  };
  return [...Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`), ...words.map(quoted)]
    .join(" ");
}
