/**
 * Room `places`: the configuration of a place's repository. Rule of this file: nothing that names a program is taken
 * over from the user's repository, which may be hostile.
 *
 * @module
 */
import { join } from "node:path";
import { type GitSetting, readGitConfig } from "../../system/files/git_config.ts";
import type { UserSettings } from "../places_home.ts";
import { type Repository, valueOf } from "../snapshots/repository.ts";

/** Of the repository itself; what the user set for all repositories holds in a place as well. */
const TAKEN_OVER =
  /^(?:user\.(?:name|email|signingkey)|remote\..+\.(?:url|pushurl|fetch|promisor|partialclonefilter)|branch\..+\.(?:remote|merge|rebase)|push\.default|pull\.rebase|init\.defaultbranch|extensions\.partialclone)$/s;

/** How files are written and compared: as in the caller's tree, wherever that was set. */
const EFFECTIVE = [
  "core.autocrlf",
  "core.eol",
  "core.safecrlf",
  "core.ignorecase",
  "core.precomposeunicode",
  "core.filemode",
  "core.symlinks",
  "core.longpaths",
];

const SPARSE = ["core.sparsecheckout", "core.sparsecheckoutcone"];

export function placeConfig(repository: Repository, user: UserSettings): string {
  const own = readGitConfig(join(repository.commonDir, "config"), { home: user.home });
  const settings: GitSetting[] = [
    { key: "core.repositoryformatversion", value: "1" },
    { key: "core.bare", value: "false" },
    { key: "core.logallrefupdates", value: "true" },
    { key: "extensions.objectformat", value: repository.objectFormat },
    ...[...EFFECTIVE, ...SPARSE].flatMap((key) => {
      const value = valueOf(repository.settings, key);
      return value === undefined ? [] : [{ key, value }];
    }),
    ...own.filter(({ key, value }) => TAKEN_OVER.test(key) && !isProgramUrl(key, value)),
  ];
  return settings.map(settingText).join("");
}

/** `ext::` and `fd::` in an address start a program or take over a descriptor. */
function isProgramUrl(key: string, value: string): boolean {
  return /url$/.test(key) && /^(?:ext|fd)::/i.test(value.trim());
}

function settingText({ key, value }: GitSetting): string {
  const first = key.indexOf(".");
  const last = key.lastIndexOf(".");
  const subsection = first === last ? "" : ` "${key.slice(first + 1, last).replace(/[\\"]/g, "\\$&")}"`;
  const escaped = value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `[${key.slice(0, first)}${subsection}]\n\t${key.slice(last + 1)} = "${escaped}"\n`;
}
