/**
 * Room `agents`: the command inside of `bash -lc '...'`, as agents report what they ran.
 *
 * @module
 */

const SHELL = /^(?:\S*\/)?(?:bash|zsh|sh|dash) -l?c (.+)$/s;

/** The script of a `sh -c` invocation; any other command as it is. */
export function innerCommand(command: string): string {
  const quoted = SHELL.exec(command)?.[1];
  return quoted === undefined ? command : singleWord(quoted) ?? command;
}

/** One POSIX shell word without its quotes; `null` when `text` is not exactly one. */
export function singleWord(text: string): string | null {
  let word = "";
  let index = 0;
  while (index < text.length) {
    const char = text.charAt(index);
    if (char === "'") {
      const end = text.indexOf("'", index + 1);
      if (end < 0) return null;
      word += text.slice(index + 1, end);
      index = end + 1;
    } else if (char === '"') {
      const quoted = doubleQuoted(text, index + 1);
      if (quoted === null) return null;
      word += quoted.text;
      index = quoted.end;
    } else if (char === "\\") {
      if (index + 1 >= text.length) return null;
      word += text.charAt(index + 1);
      index += 2;
    } else if (/\s/.test(char)) {
      return null;
    } else {
      word += char;
      index++;
    }
  }
  return word;
}

function doubleQuoted(text: string, from: number): { text: string; end: number } | null {
  const parts: string[] = [];
  for (let index = from; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === '"') return { text: parts.join(""), end: index + 1 };
    if (char === "\\" && '"\\$`\n'.includes(text.charAt(index + 1)) && index + 1 < text.length) {
      if (text.charAt(index + 1) !== "\n") parts.push(text.charAt(index + 1));
      index++;
    } else {
      parts.push(char);
    }
  }
  return null;
}
