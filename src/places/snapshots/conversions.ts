/**
 * Room `places`: tells whether the user's git converts files on their way into the repository (line ends, filters such
 * as LFS, encodings). Then what its index says of a file is not about the bytes on disk.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { UserSettings } from "../places_home.ts";
import { attributeFiles, type Repository, valueOf } from "./repository.ts";

/** Attributes that convert, with or without a value. One with `-` or `!` before it does not. */
const CONVERTING = /^(?:text|eol|crlf|filter|ident|working-tree-encoding)(?:=|$)/;

/** Attribute files that are read; more than that counts as a conversion. */
const MAX_FILES = 1_000;

/** @param tracked paths of all `.gitattributes` that are tracked; that of the top is read in any case */
export function hasConversions(
  repository: Repository,
  { tracked, user }: { tracked: readonly string[]; user: UserSettings },
): boolean {
  const autocrlf = valueOf(repository.settings, "core.autocrlf")?.toLowerCase();
  if (autocrlf !== undefined && !["false", "no", "off", "0"].includes(autocrlf)) return true;
  if (tracked.length > MAX_FILES) return true;
  const files = [
    ...attributeFiles(repository, user),
    ...new Set([".gitattributes", ...tracked].map((path) => join(repository.root, path))),
  ];
  return files.some((path) => converts(readTextIfOurs(path) ?? ""));
}

function converts(text: string): boolean {
  return text.split("\n").some((line) => {
    const [pattern = "", ...attributes] = line.trim().split(/\s+/);
    return !pattern.startsWith("#") && attributes.some((attribute) => CONVERTING.test(attribute));
  });
}
