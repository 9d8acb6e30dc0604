/**
 * Room `system`: whether what stands at a name may be trusted. A directory that was open to others for a while may
 * hold names that somebody else has put there: what is read from such a name says what he wants, and what is written
 * to it goes where he wants it.
 *
 * @module
 */
/**
 * - `grown`: a file that is written in place: no link and no second name, which would get it all.
 * - `own`: anything but a link: it is read, replaced as a whole, or connected to.
 * - `linkable`: may be a link of this user's own, to another disk or a collection of settings.
 */
export type TrustedKind = "grown" | "own" | "linkable";

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/** What is wrong with it, as the end of a sentence; `null` for what may be trusted, and what is not there. */
export function whyUntrusted(path: string, kind: TrustedKind): string | null {
  const info = look(() => Deno.lstatSync(path));
  if (info === null) return null;
  if (isForeign(info)) return `belongs to the user with id ${info.uid}`;
  if (info.isSymlink) return kind === "linkable" ? whyUntrustedTarget(path) : "is a symbolic link";
  if (kind !== "grown") return null;
  if (!info.isFile) return "is no file";
  return (info.nlink ?? 1) > 1 ? "has another name somewhere else (a hard link)" : null;
}

function whyUntrustedTarget(path: string): string | null {
  const info = look(() => Deno.statSync(path));
  if (info === null) return null;
  if (isForeign(info)) return `leads to what belongs to the user with id ${info.uid}`;
  return ((info.mode ?? 0) & WRITABLE_BY_ALL) !== 0 ? "leads to what every user may write" : null;
}

/**
 * The first directory around `path` in which others may give the name to something else, from the inside out; `null`
 * when there is none. A sticky one such as `/tmp` leaves everybody his own. A group is no stranger where it is the
 * superuser's, or has the user's own number, as many systems give each user one.
 *
 * @param path a real path: through a link others could lead elsewhere
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

/** Of an absolute POSIX path. Without `node:path`, which takes longer to load than all else of a host's session. */
function parentOf(path: string): string {
  return path.slice(0, path.replace(/\/+$/, "").lastIndexOf("/")) || "/";
}

/** Of another user. Root may have been here with the user's home directory, and needs no such way. */
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
