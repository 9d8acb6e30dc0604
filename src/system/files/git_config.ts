/**
 * Room `system`: reads git configuration files directly, since git must not be run in an untrusted repository. A
 * conditional include counts as included, whatever its condition.
 *
 * @module
 */
import { dirname, isAbsolute, join } from "node:path";
import { readTextIfOurs } from "./is_there.ts";

export interface GitSetting {
  /** Section and name in lower case, a subsection between them unchanged: `diff.MyDriver.textconv`. */
  readonly key: string;
  readonly value: string;
}

/** Most files that are read for one file and all its includes. Git itself stops at a depth of ten. */
const MAX_FILES = 100;

/**
 * Most characters that are read of one file. No sane configuration is longer, and a huge one would delay the start.
 */
const MAX_CHARS = 4_000_000;

/**
 * The settings in `path` and in all files it includes, in order. A file that cannot be read counts as empty.
 *
 * @param options.home the directory that `~/` in an `include.path` stands for
 */
export function readGitConfig(path: string, { home }: { home: string | undefined }): GitSetting[] {
  const seen = new Set<string>();
  const settings: GitSetting[] = [];
  const files = [path];
  for (let file = files.shift(); file !== undefined && seen.size < MAX_FILES; file = files.shift()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const setting of parseGitConfig((readTextIfOurs(file) ?? "").slice(0, MAX_CHARS))) {
      settings.push(setting);
      if (/^include(if\..*)?\.path$/s.test(setting.key)) {
        files.push(includedPath(setting.value, { from: file, home }));
      }
    }
  }
  return settings;
}

function includedPath(value: string, { from, home }: { from: string; home: string | undefined }): string {
  if (value.startsWith("~/") && home !== undefined) return join(home, value.slice(2));
  return isAbsolute(value) ? value : join(dirname(from), value);
}

const SECTION = /^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/;
const NAME = /^([A-Za-z][A-Za-z0-9-]*)[ \t]*(=)?[ \t]*/;

/** Parses one configuration file. Invalid lines are skipped, although git would refuse the whole file. */
export function parseGitConfig(text: string): GitSetting[] {
  const settings: GitSetting[] = [];
  let section = "";
  let rest = text.replace(/^\uFEFF/, "");
  while (rest !== "") {
    rest = rest.replace(/^\s+/, "");
    const header = SECTION.exec(rest);
    const name = NAME.exec(rest);
    if (header !== null) {
      const [whole, word = "", subsection] = header;
      section = word.toLowerCase() +
        (subsection === undefined ? "" : `.${subsection.replace(/\\(.)/gs, "$1")}`);
      rest = rest.slice(whole.length);
    } else if (name !== null) {
      const [whole, key = "", equals] = name;
      const read = equals === undefined
        ? { value: "true", length: restOfLine(rest) - whole.length }
        : readValue(rest.slice(whole.length));
      settings.push({ key: untilNul(`${section}.${key.toLowerCase()}`), value: untilNul(read.value) });
      rest = rest.slice(whole.length + read.length);
    } else {
      rest = rest.slice(restOfLine(rest));
    }
  }
  return settings;
}

/** The text up to the first NUL, where git ends every string. */
function untilNul(text: string): string {
  return text.split("\0", 1)[0] ?? "";
}

function restOfLine(text: string): number {
  const end = text.indexOf("\n");
  return end < 0 ? text.length : end;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b" };

/**
 * Reads a value up to the end of its line, with quotes, escapes, continued lines and comments as git reads them.
 * `length` is the number of characters consumed.
 */
function readValue(text: string): { value: string; length: number } {
  let value = "";
  let quoted = false;
  // Length of the value without unquoted blanks at its end.
  let kept = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === "\n") return { value: value.slice(0, kept), length: index };
    if (char === "\\") {
      const next = text.charAt(++index);
      if (next === "\r" && text.charAt(index + 1) === "\n") index++;
      else if (next !== "\n") value += ESCAPES[next] ?? next;
      kept = value.length;
    } else if (char === '"') {
      quoted = !quoted;
    } else if (!quoted && (char === "#" || char === ";")) {
      return { value: value.slice(0, kept), length: restOfLine(text) };
    } else {
      value += char;
      if (quoted || !/\s/.test(char)) kept = value.length;
    }
  }
  return { value: value.slice(0, kept), length: text.length };
}
