/**
 * Room `scheduler`: the programs that a repository's own configuration can make git run, and what to set in their
 * place. Git cannot unset a setting from outside; one that is set again by name counts before all files.
 *
 * @module
 */
import type { GitSetting } from "../../system/files/git_config.ts";

/**
 * Holds in every repository that the agent's git opens, also in those that were never looked at: a bare repository
 * inside of a work tree is not opened at all, and status and diff start no git in a submodule that nobody has read.
 */
export const ALWAYS: readonly GitSetting[] = [
  { key: "core.fsmonitor", value: "false" },
  { key: "core.hooksPath", value: "/dev/null" },
  { key: "safe.bareRepository", value: "explicit" },
  { key: "log.showSignature", value: "false" },
  { key: "diff.ignoreSubmodules", value: "dirty" },
];

/** A plain diff of two files, in the place of an external diff: an empty program would be a fatal error. */
const PLAIN_DIFF = `agent_async_diff() { printf 'diff --git a/%s b/%s\\n' "$1" "$1"; ` +
  `diff -u -L "a/$1" -L "b/$1" "$2" "$5"; true; }; agent_async_diff`;

/** Keys as patterns, and what is set in their place; the first that fits counts. */
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
  // An empty one forgets all before it.
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
 * What `git lfs install --local` writes names the user's own program. It stays, unless the same configuration gives
 * that program others to run.
 */
const LFS = /^filter\.lfs\.(clean|smudge|process|required)$/;
const LFS_VALUES: readonly RegExp[] = [
  /^git-lfs (clean|smudge( --skip)?) -- %f$/,
  /^git-lfs filter-process( --skip)?$/,
  /^true$/,
];
const LFS_PROGRAMS = /^lfs\.(.*\.)?(customtransfer|extension|standalonetransferagent)\b/s;

/** Settings that take the programs of `settings` out of the way; each key once. */
export function withoutPrograms(settings: readonly GitSetting[]): GitSetting[] {
  const trustsLfs = !settings.some(({ key }) => LFS_PROGRAMS.test(key));
  const instead = new Map<string, string>();
  for (const { key, value } of settings) {
    if (trustsLfs && LFS.test(key) && LFS_VALUES.some((pattern) => pattern.test(value))) continue;
    const neutral = NEUTRAL.find((entry) => entry.key.test(key));
    if (neutral !== undefined) instead.set(key, neutral.value);
    const filter = /^(filter\..*)\.(clean|smudge|process)$/s.exec(key)?.[1];
    // A required filter that does nothing is a fatal error.
    if (filter !== undefined) instead.set(`${filter}.required`, "false");
  }
  return [...instead].map(([key, value]) => ({ key, value }));
}
