/**
 * Room `scheduler`: the programs that a repository's own configuration can make git run, and harmless values in their
 * place. A setting cannot be unset from outside, but its value in the environment overrides that of every file.
 *
 * @module
 */
import type { GitSetting } from "../../system/files/git_config.ts";

/**
 * Settings for every repository that the agent's git opens, also for those whose configuration was not read. They keep
 * git from opening a bare repository inside a work tree, and from starting git in such a submodule for status or diff.
 */
export const ALWAYS: readonly GitSetting[] = [
  { key: "core.fsmonitor", value: "false" },
  { key: "core.hooksPath", value: "/dev/null" },
  { key: "safe.bareRepository", value: "explicit" },
  { key: "log.showSignature", value: "false" },
  { key: "diff.ignoreSubmodules", value: "dirty" },
];

/** Prints a plain diff in place of an external diff program. An empty program would be a fatal error in git. */
const PLAIN_DIFF = `agent_async_diff() { printf 'diff --git a/%s b/%s\\n' "$1" "$1"; ` +
  `diff -u -L "a/$1" -L "b/$1" "$2" "$5"; true; }; agent_async_diff`;

/** Harmless values by the setting's key; the first pattern that matches counts. */
const NEUTRAL: readonly { key: RegExp; value: string }[] = [
  { key: /^diff\.external$|^diff\..*\.command$/s, value: PLAIN_DIFF },
  { key: /^diff\..*\.textconv$/s, value: "cat" },
  { key: /^filter\..*\.(clean|smudge|process)$/s, value: "" },
  { key: /^filter\..*\.required$/s, value: "false" },
  { key: /^alias\./s, value: "" },
  { key: /^hook\..*\.command$/s, value: "true" },
  { key: /^(core\.alternaterefscommand|gc\.recentobjectshook)$/, value: "true" },
  { key: /^trailer\..*\.(command|cmd)$/s, value: "true" },
  { key: /^(core|sequence)\.editor$/, value: ":" },
  { key: /^core\.sshcommand$/, value: "ssh" },
  { key: /^(core\.askpass|core\.gitproxy|gpg\.ssh\.defaultkeycommand)$/, value: "" },
  { key: /^gpg\.(openpgp\.)?program$/, value: "gpg" },
  { key: /^gpg\.x509\.program$/, value: "gpgsm" },
  { key: /^gpg\.ssh\.program$/, value: "ssh-keygen" },
  // An empty helper clears the list of helpers before it.
  { key: /^credential\.(.*\.)?helper$/s, value: "" },
  { key: /^merge\..*\.driver$/s, value: "git merge-file %A %O %B" },
  { key: /^(core\.pager|interactive\.difffilter|tar\..*\.command)$/s, value: "cat" },
  { key: /^pager\./s, value: "false" },
  { key: /^(mergetool|difftool|guitool|browser|man)\..*\.(cmd|path)$/s, value: "false" },
  { key: /^remote\..*\.uploadpack$/s, value: "git-upload-pack" },
  { key: /^remote\..*\.receivepack$/s, value: "git-receive-pack" },
  { key: /^protocol\.(ext\.)?allow$/, value: "never" },
  { key: /^submodule\..*\.update$/s, value: "checkout" },
  { key: /^sendemail\.(.*\.)?(sendmailcmd|smtpserver|tocmd|cccmd|headercmd)$/s, value: "false" },
];

/**
 * Settings of `git lfs install --local`. They stay, since they name the user's own `git-lfs`, unless the same
 * configuration also gives `git-lfs` other programs to run.
 */
const LFS = /^filter\.lfs\.(clean|smudge|process|required)$/;
const LFS_VALUES: readonly RegExp[] = [
  /^git-lfs (clean|smudge( --skip)?) -- %f$/,
  /^git-lfs filter-process( --skip)?$/,
  /^true$/,
];
const LFS_PROGRAMS = /^lfs\.(.*\.)?(customtransfer|extension|standalonetransferagent)\b/s;

/** Settings that override those of `settings` that name programs; each key once. */
export function withoutPrograms(settings: readonly GitSetting[]): GitSetting[] {
  const trustsLfs = !settings.some(({ key }) => LFS_PROGRAMS.test(key));
  const instead = new Map<string, string>();
  for (const { key, value } of settings) {
    if (trustsLfs && LFS.test(key) && LFS_VALUES.some((pattern) => pattern.test(value))) continue;
    const neutral = NEUTRAL.find((entry) => entry.key.test(key));
    if (neutral !== undefined) instead.set(key, neutral.value);
    const filter = /^(filter\..*)\.(clean|smudge|process)$/s.exec(key)?.[1];
    // An empty filter that is required would be a fatal error in git.
    if (filter !== undefined) instead.set(`${filter}.required`, "false");
  }
  return [...instead].map(([key, value]) => ({ key, value }));
}
