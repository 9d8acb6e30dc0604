/**
 * Room `cli`: takes back what `addToHost` did: the server, the permissions for its tools, the hook. Nothing else.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { backupsOf, type HostChange, serversFileOf } from "./add_to_host.ts";
import type { Host, HostListItem, HostScope, HostSite } from "./host.ts";
import { HostDocument } from "./host_document.ts";
import { backUp } from "./host_file.ts";
import { HostFileLock } from "./host_file_lock.ts";
import { type Path, type Plain, valueAt } from "./plain_data.ts";
import { readRegisteredCommand } from "./registered_command.ts";
import { runHostCommand } from "./run_host_command.ts";

export interface RemoveOptions {
  readonly host: Host;
  readonly site: HostSite;
  readonly scope: HostScope;
  readonly name: string;
  readonly self: readonly string[];
}

/**
 * What is not there is no failure: then nothing has changed.
 *
 * @throws AgentAsyncError as `addToHost`.
 */
export async function removeFromHost(options: RemoveOptions): Promise<HostChange> {
  const { host, site, scope, name, self } = options;
  const file = serversFileOf(host, site, scope);
  const path = [host.serversKey, name];
  const items = itemsOf(options);
  using _lock = await HostFileLock.of([file, ...items.map((item) => item.file)].map((one) => one.path));
  const servers = new HostDocument(file);
  const present = valueAt(servers.data, path);
  if (present !== undefined && readRegisteredCommand(present, self) === null) {
    throw new AgentAsyncError("conflict", `"${name}" of ${host.title} is another server (in ${file.path}).`, {
      hint: "It was left alone. If it must go, remove it with the host's own means.",
    });
  }
  servers.remove(path, keptBy(servers));
  const settings = settingsDocuments(items);
  for (const document of [servers, ...settings]) document.requireWritable();

  const notes: string[] = [];
  const after = present === undefined ? null : await removeByCommand(options, { path, edited: servers });
  if (after?.fault != null) {
    notes.push(`${host.title}'s own command could not remove it (${after.fault}); its file was edited.`);
  }
  const isByCommand = after !== null && after.fault === null;
  const isGone = (after?.document ?? servers).save({ isBackedUp: after !== null });
  const saved = settings.filter((document) => document.save()).map((document) => document.file.path);
  const changed = [...(isGone || isByCommand ? [file.path] : []), ...saved];
  return {
    changed,
    backups: backupsOf(changed),
    via: isByCommand ? "command" : isGone ? "file" : null,
    notes,
  };
}

function itemsOf({ host, site, scope, name, self }: RemoveOptions): HostListItem[] {
  const hook = host.wakeHook?.(site, scope, { name, self, env: {} });
  return [...(host.permissions?.(site, scope, name) ?? []), ...(hook === undefined ? [] : [hook])];
}

/** The files of permissions and hook, without what is ours. */
function settingsDocuments(items: readonly HostListItem[]): HostDocument[] {
  const documents = new Map<string, HostDocument>();
  for (const { file, path, isOurs } of items) {
    const document = documents.get(file.path) ?? new HostDocument(file);
    documents.set(file.path, document);
    document.removeItems(path, isOurs, keptBy(document, file.newFile));
  }
  return [...documents.values()];
}

/** Objects and lists that were there before we came stay, though they are empty, and those that the host needs. */
function keptBy(document: HostDocument, needed: Plain = {}): (path: Path) => boolean {
  const before = document.backupData();
  return (path) => valueAt(before, path) !== undefined || valueAt(needed, path) !== undefined;
}

/**
 * Lets the host's own command line remove the server.
 *
 * @param edit.edited the file before that, without the server.
 * @returns as of `addByCommand`.
 */
async function removeByCommand(
  { host, site, scope, name }: RemoveOptions,
  { path, edited }: { path: Path; edited: HostDocument },
): Promise<{ document: HostDocument; fault: string | null } | null> {
  const isSpoiled = host.commandLine?.spoils?.(edited.original ?? "") === true;
  const args = isSpoiled ? null : host.commandLine?.remove(name, scope) ?? null;
  if (args !== null) backUp(edited.file.path);
  const { hasRun, fault } = await runHostCommand(host, args, { site, scope });
  if (!hasRun) return null;
  const document = new HostDocument(edited.file);
  const isRemoved = valueAt(document.data, path) === undefined;
  document.remove(path, keptBy(document));
  if (host.commandLine?.reformats(scope) === true) document.takeLayout(edited, path);
  return { document, fault: fault ?? (isRemoved ? null : "it is still there") };
}
