/**
 * Support for tests: the doors between the rooms of `src/`, checked on source text.
 *
 * @module
 */
import { posix } from "node:path";

/** The row of a room, or of a folder in one that has doors of its own: name, what lives there, what it may import. */
const ROW = /^\| `([a-z/]+)`\s*\|[^|]*\|([^|]*)\|$/gm;

/**
 * Which rooms a room may import, itself aside, from the table in ARCHITECTURE.md; `main.ts` counts as the room `main`. A
 * folder with a row of its own (`service/local`) has the doors of that row instead of those of its room.
 */
export function readDoors(architecture: string): Map<string, string[]> {
  return new Map(
    [...architecture.matchAll(ROW)].map(([, room = "", doors = ""]) => {
      return [room, [...doors.matchAll(/`([a-z]+)`/g)].map(([, name = ""]) => name)];
    }),
  );
}

const DOORS = readDoors(Deno.readTextFileSync(new URL("../../ARCHITECTURE.md", import.meta.url)));

/** Packages that a room is limited to; a room that is not named may use all of `deno.json`. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = { domain: ["zod"], agents: ["zod"] };

/** An import by name keeps the whole of zod in the executable, its messages in 50 languages among it: 580 KB. */
const ZOD_BY_NAME = /\}\s*from\s*"zod"/;

/** Words that only some rooms may use. */
const RESERVED: readonly { word: RegExp; rooms: readonly string[]; why: string }[] = [
  { word: /\bopenKv\b/, rooms: ["store"], why: "only room store touches Deno.Kv" },
  {
    word:
      /\bconsole\s*\.\s*(?:log|info|debug|table|dir)\b|\bstdout\s*\.\s*(?:write|writeSync|writable|getWriter)\b/,
    rooms: ["cli", "mcp", "main"],
    why: "stdout belongs to the protocol or to the result",
  },
  {
    word: /\bDeno\s*\.\s*Command\b|\bchild_process\b/,
    rooms: ["system", "kernel", "places", "daemon", "cli"],
    why: "only rooms system, kernel, places, daemon and cli start processes",
  },
];

export interface SourceFile {
  /** From the top of the repository, with forward slashes: `main.ts`, `src/domain/job/job.ts`. */
  path: string;
  text: string;
}

/** Every breach of the house rules in `files`, as `path: sentence`; empty when all is well. */
export function breaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => breachesOf(file).map((breach) => `${file.path}: ${breach}`));
}

function breachesOf({ path, text }: SourceFile): string[] {
  const room = roomOf(path);
  const allowed = room === null ? undefined : doorsOf(path, room);
  if (room === null || allowed === undefined) return ["lies in no room of the house"];
  const found: string[] = [];
  if (room !== "main" && !opensWithItsRoom(text, room)) {
    found.push(`does not open with a module comment that names room \`${room}\``);
  }
  const code = withoutComments(text);
  for (const specifier of imports(code)) {
    const breach = breachOfImport(path, specifier, room, allowed);
    if (breach !== null) found.push(breach);
  }
  if (ZOD_BY_NAME.test(code)) found.push('imports names from zod: it must be import * as z from "zod"');
  const words = withoutStrings(code);
  for (const { word, rooms, why } of RESERVED) {
    const match = word.exec(words);
    if (match !== null && !rooms.includes(room)) found.push(`uses ${match[0]}, but ${why}`);
  }
  return found;
}

/** The doors of the innermost folder that has a row in the table. */
function doorsOf(path: string, room: string): readonly string[] | undefined {
  for (let folder = posix.dirname(path); folder !== "src" && folder !== "."; folder = posix.dirname(folder)) {
    const doors = DOORS.get(folder.slice("src/".length));
    if (doors !== undefined) return doors;
  }
  return DOORS.get(room);
}

function breachOfImport(
  path: string,
  specifier: string | null,
  room: string,
  allowed: readonly string[],
): string | null {
  if (specifier === null) return "imports a computed path, which nobody can check";
  if (!specifier.startsWith(".")) {
    const packages = PACKAGES[room];
    return packages === undefined || packages.includes(specifier) ? null : `imports package ${specifier}`;
  }
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (target === "deno.json") return null;
  const other = roomOf(target);
  if (other === null) return `imports ${target}, which lies outside of src`;
  if (other === room || allowed.includes(other)) return null;
  return `imports ${target}, and no door leads from ${room} to ${other}`;
}

function roomOf(path: string): string | null {
  if (path === "main.ts") return "main";
  return /^src\/([a-z]+)\//.exec(path)?.[1] ?? null;
}

function opensWithItsRoom(text: string, room: string): boolean {
  const comment = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? "";
  return comment.includes(`Room \`${room}\``) && comment.includes("@module");
}

/**
 * The specifiers of every import, re-export and dynamic import in `code` (without comments); `null` for a dynamic one
 * that is no plain string.
 */
export function imports(code: string): (string | null)[] {
  const found: (string | null)[] = [];
  const statement =
    /(?:^|[;}\n])\s*(?:import|export)\b(?:[^"'`;()=]*?\bfrom\s*|\s+)(?:"([^"\n]*)"|'([^'\n]*)')/g;
  for (const match of code.matchAll(statement)) found.push(match[1] ?? match[2] ?? "");
  for (const match of code.matchAll(/\bimport\s*\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|)/g)) {
    found.push(match[1] ?? match[2] ?? null);
  }
  return found;
}

const PIECES =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`/g;

/** Comments become spaces; strings stay, so that a `//` in one is no comment. */
export function withoutComments(text: string): string {
  return text.replace(PIECES, (piece) => piece.startsWith("/") ? piece.replace(/[^\n]/g, " ") : piece);
}

function withoutStrings(code: string): string {
  return code.replace(PIECES, (piece) => piece.startsWith("`") ? piece : '""');
}

/** `main.ts` and all of `src/`. */
export function sourceFiles(top: URL): SourceFile[] {
  const paths = ["main.ts", ...listed(top, "src")];
  return paths.map((path) => ({ path, text: Deno.readTextFileSync(new URL(path, top)) }));
}

function listed(top: URL, directory: string): string[] {
  return [...Deno.readDirSync(new URL(`${directory}/`, top))].flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) return listed(top, path);
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
  }).sort();
}
