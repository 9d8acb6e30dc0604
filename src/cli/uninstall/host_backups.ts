/**
 * Room `cli`: removes the backups beside hosts' files. Rule of this file: a backup goes only when the file says the
 * same, comments too, apart from our entries. Any other is its owner's to judge.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { removeIfExists } from "../../system/files/files.ts";
import type { Context } from "../context.ts";
import type { Host, HostListItem, HostSite } from "../hosts/host.ts";
import { HostDocument, type HostFileReference } from "../hosts/host_document.ts";
import { BACKUP_SUFFIX, readHostFile } from "../hosts/host_file.ts";
import { HOSTS } from "../hosts/host_list.ts";
import { DEFAULT_NAME } from "../hosts/host_options.ts";
import { hostSite, ownCommand } from "../hosts/host_site.ts";
import { isPlain, saysTheSame, valueAt } from "../hosts/plain_data.ts";
import { readRegisteredCommand } from "../hosts/registered_command.ts";

/**
 * Removes the backups of the user's files that are of no use any more. @returns what was done, in sentences; nothing
 * about a host in which this program is still registered.
 */
export function clearBackups(context: Context): string[] {
  const site = hostSite(context);
  return HOSTS.flatMap((host) => clearBackupsOf(host, site));
}

function clearBackupsOf(host: Host, site: HostSite): string[] {
  const servers = host.serversFile(site, "user");
  if (servers === null || namesIn(documentAt(servers, servers.path), host).length > 0) return [];
  const before = documentAt(servers, `${servers.path}${BACKUP_SUFFIX}`);
  const names = new Set([DEFAULT_NAME, ...namesIn(before, host)]);
  const items = [...names].flatMap((name) => itemsOf(host, site, name));
  const files = new Map([servers, ...items.map(({ file }) => file)].map((file) => [file.path, file]));
  return [...files.values()].flatMap((file) => {
    const backup = `${file.path}${BACKUP_SUFFIX}`;
    const before = readText(backup);
    if (before === null) return [];
    if (!isSameInEffect(file, { host, items }) || !hasComments(readText(file.path) ?? "", before)) {
      return [`Kept ${backup}: what ${file.path} was before it was last changed for agent-async.`];
    }
    removeIfExists(backup);
    return [`Removed ${backup}: it differed only in what was agent-async's.`];
  });
}

/** The names under which this program is registered in a document. */
function namesIn(document: HostDocument | null, host: Host): string[] {
  const servers = document === null ? undefined : valueAt(document.data, [host.serversKey]);
  return Object.entries(isPlain(servers) ? servers : {})
    .filter(([, entry]) => readRegisteredCommand(entry, ownCommand()) !== null)
    .map(([name]) => name);
}

function itemsOf(host: Host, site: HostSite, name: string): HostListItem[] {
  const hook = host.wakeHook?.(site, "user", { name, self: ownCommand(), env: {} });
  const permissions = host.permissions?.(site, "user", name);
  return [
    ...(permissions === undefined ? [] : [{ ...permissions, item: null }, ...permissions.others ?? []]),
    ...(hook === undefined ? [] : [hook]),
  ];
}

function isSameInEffect(
  file: HostFileReference,
  { host, items }: { host: Host; items: readonly HostListItem[] },
): boolean {
  const [before, now] = [`${file.path}${BACKUP_SUFFIX}`, file.path].map((path) => {
    const document = documentAt(file, path);
    if (document === null) return null;
    for (const name of namesIn(document, host)) document.remove([host.serversKey, name]);
    for (const { file: { path: itemsPath }, path: place, isOurs } of items) {
      if (itemsPath === file.path) document.removeItems(place, isOurs, () => false);
    }
    return withoutEmpty(document.data);
  });
  return before !== null && now !== null && saysTheSame(before, now);
}

/**
 * Whether all that looks like a comment in `before` is in `now` too: a program that rewrote the file may have dropped
 * them. Text that only looks like a comment, such as an address that is gone, keeps a backup that could go.
 */
function hasComments(now: string, before: string): boolean {
  return before.split(/\r?\n/).every((line) => {
    const [comment = ""] = /(?:#|\/\/|\/\*).*/.exec(line) ?? [];
    return now.includes(comment.replace(/[\s"',}\]]+$/, ""));
  });
}

/**
 * The file at `path`, parsed as `file` says: empty when it does not exist, `null` when it cannot be read or parsed.
 */
function documentAt(file: HostFileReference, path: string): HostDocument | null {
  try {
    return new HostDocument({ ...file, path }, readHostFile(path));
  } catch (error) {
    if (error instanceof AgentAsyncError) return null;
    throw error;
  }
}

function readText(path: string): string | null {
  try {
    return readHostFile(path);
  } catch {
    // It is there, whatever it holds.
    return "";
  }
}

/** `value` without objects and lists that hold nothing: no host acts on them. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (!isPlain(value)) return value;
  const kept = Object.entries(value)
    .map(([key, inner]) => [key, withoutEmpty(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
