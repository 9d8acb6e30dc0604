/**
 * Room `system`: decides whether a file at a path may be trusted. In a directory that was once writable by others,
 * another user may have planted files or links. Reading one would give that user's content; writing to one would write
 * where that user wants.
 *
 * @module
 */
/**
 * How a file is used, which decides what is trusted.
 *
 * - `grown`: written in place. No symbolic link and no hard link, through which everything written would reach another
 * file.
 * - `own`: read or replaced whole. A regular file, no symbolic link: opening a FIFO would wait for ever.
 * - `directory`: files are made in it. No symbolic link.
 * - `socket`: connected to, or replaced. No symbolic link.
 * - `database`: may be a symbolic link of this user, such as to another disk; what it leads to is a regular file.
 * - `linkable`: may be a symbolic link of this user, and whoever reads it looks at its kind.
 */
export type TrustedKind = "grown" | "own" | "directory" | "socket" | "database" | "linkable";

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * Why the file must not be trusted, as the end of a sentence. `null` when it may be trusted, or does not exist.
 */
export function whyUntrusted(path: string, kind: TrustedKind): string | null {
  const info = look(() => Deno.lstatSync(path));
  if (info === null) return null;
  if (isForeign(info)) return `belongs to the user with id ${info.uid}`;
  const mayBeLink = kind === "linkable" || kind === "database";
  if (info.isSymlink) return mayBeLink ? whyUntrustedTarget(path, kind) : "is a symbolic link";
  if (kind === "linkable" || kind === "socket") return null;
  if (kind === "directory") return info.isDirectory ? null : "is no directory";
  if (!info.isFile) return info.isDirectory ? "is a directory, not a file" : "is no file";
  return kind === "grown" && (info.nlink ?? 1) > 1 ? "has another name somewhere else (a hard link)" : null;
}

function whyUntrustedTarget(path: string, kind: TrustedKind): string | null {
  const info = look(() => Deno.statSync(path));
  if (info === null) return null;
  if (isForeign(info)) return `leads to what belongs to the user with id ${info.uid}`;
  if (((info.mode ?? 0) & WRITABLE_BY_ALL) !== 0) return "leads to what every user may write";
  return kind === "database" && !info.isFile ? "leads to what is no file" : null;
}

/**
 * The innermost directory above `path` in which other users could replace an entry; `null` when there is none. A sticky
 * directory such as `/tmp` is safe. A group with write access is accepted if it is root's, or has the same number as
 * the user: many systems give each user a group of their own.
 *
 * @param path a path without symlinks, since others could redirect a link
 */
export function replaceableParent(path: string): string | null {
  if (Deno.build.os === "windows") return null;
  const uid = Deno.uid();
  for (let inner = path; inner !== "/"; inner = parentOf(inner)) {
    const directory = parentOf(inner);
    const info = look(() => Deno.statSync(directory));
    const mode = info?.mode ?? null;
    if (info === null || mode === null || (mode & STICKY) !== 0) continue;
    const isGroupOurs = info.gid === 0 || info.gid === uid;
    if ((mode & WRITABLE_BY_ALL) !== 0 || ((mode & WRITABLE_BY_GROUP) !== 0 && !isGroupOurs)) {
      return directory;
    }
  }
  return null;
}

/**
 * The parent of an absolute POSIX path. `node:path` is avoided: loading it takes longer than everything else at the
 * start of a host's session.
 */
function parentOf(path: string): string {
  return path.slice(0, path.replace(/\/+$/, "").lastIndexOf("/")) || "/";
}

/**
 * Whether the file belongs to another user. Root is not counted: it may have worked in the user's home directory, and
 * could do any harm without such a file.
 */
function isForeign(info: Deno.FileInfo): boolean {
  const uid = Deno.build.os === "windows" ? null : Deno.uid();
  return uid !== null && info.uid !== null && info.uid !== 0 && info.uid !== uid;
}

function look(get: () => Deno.FileInfo): Deno.FileInfo | null {
  try {
    return get();
  } catch {
    return null;
  }
}
