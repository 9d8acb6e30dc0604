/**
 * Room `system`: paths of this system without `node:path`, for whatever a front-end loads: that module brings the basis
 * of Deno's Node support with it, 5 MB and 10 ms. All other code uses `node:path`.
 *
 * @module
 */
const IS_WINDOWS = Deno.build.os === "windows";

export const SEPARATOR = IS_WINDOWS ? "\\" : "/";

/** Between the entries of a PATH. */
export const DELIMITER = IS_WINDOWS ? ";" : ":";

/** Splits a path into its root, a drive or a server with its share, and the rest, which begins with a separator. */
const WINDOWS_ROOT = /^([A-Za-z]:|[\\/]{2}[^\\/]+[\\/]+[^\\/]+)(.*)$/s;
const POSIX_ROOT = /^()(\/.*)$/s;

/** Whether `path` is absolute: it means the same in every working directory. */
export function isAbsolutePath(path: string, os: string = Deno.build.os): boolean {
  return os === "windows" ? /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path) : path.startsWith("/");
}

/** An absolute path without `.`, `..`, doubled separators and a separator at its end. */
export function normalPath(path: string, os: string = Deno.build.os): string {
  const isWindows = os === "windows";
  const match = (isWindows ? WINDOWS_ROOT : POSIX_ROOT).exec(path);
  if (match === null) return path;
  const [, root = "", rest = ""] = match;
  const steps: string[] = [];
  for (const step of rest.split(isWindows ? /[\\/]/ : "/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return isWindows ? `${root.replaceAll("/", "\\")}\\${steps.join("\\")}` : `/${steps.join("/")}`;
}

/** What lies in a directory, which is given by an absolute path. */
export function pathIn(directory: string, ...steps: readonly string[]): string {
  return normalPath([directory, ...steps].join(SEPARATOR));
}

/** The directory above an absolute path; that of a root is the root. */
export function parentOf(path: string): string {
  return pathIn(path, "..");
}

/** The last step of a path that is no root. */
export function nameOf(path: string): string {
  return path.split(IS_WINDOWS ? /[\\/]/ : "/").findLast((step) => step !== "") ?? "";
}

/** Whether an absolute path is the root of its tree. */
export function isRoot(path: string): boolean {
  return parentOf(path) === normalPath(path);
}
