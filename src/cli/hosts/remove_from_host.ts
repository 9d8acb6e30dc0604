/**
 * Room `cli`: removes what `addToHost` has written: the server, the permissions for its tools and the wake hook.
 * Nothing else.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { backupsOf, type HostChange, serversFileOf } from "./add_to_host.ts";
import type { Host, HostListItem, HostScope, HostSite } from "./host.ts";
import { HostDocument } from "./host_document.ts";
import { backUp } from "./host_file.ts";
import { HostFileLock } from "./host_file_lock.ts";
import { isEmpty, type Path, valueAt } from "./plain_data.ts";
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
 * A registration that does not exist is no failure.
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
  const besides = items.filter((item) => item.file.path === file.path);
  const dropServer: Drop = (document, isKept) => {
    document.remove(path, isKept);
    for (const item of besides) document.removeItems(item.path, item.isOurs, isKept);
  };
  const present = valueAt(servers.data, path);
  if (present !== undefined && readRegisteredCommand(present, self) === null) {
    throw new AgentAsyncError("conflict", `"${name}" of ${host.title} is another server (in ${file.path}).`, {
      hint: "It was left alone. If it must go, remove it with the host's own means.",
    });
  }
  without(servers, dropServer);
  const settings = settingsDocuments(items.filter((item) => !besides.includes(item)));
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
  const permissions = host.permissions?.(site, scope, name);
  return [
    ...(permissions === undefined ? [] : [{ ...permissions, item: null }, ...permissions.others ?? []]),
    ...(hook === undefined ? [] : [hook]),
  ];
}

/** The settings files without our permissions and our hook, still to be saved. */
function settingsDocuments(items: readonly HostListItem[]): HostDocument[] {
  return [...Map.groupBy(items, ({ file }) => file.path).values()].flatMap((same) =>
    same.slice(0, 1).map(({ file }) =>
      without(new HostDocument(file), (document, isKept) => {
        for (const { path, isOurs } of same) document.removeItems(path, isOurs, isKept);
      })
    )
  );
}

/** Removes our entries from a document, and what that leaves empty unless `isKept` is true of it. */
type Drop = (document: HostDocument, isKept: (path: Path) => boolean) => void;

/**
 * `document` without our entries. An empty object or list stays when the backup shows that others made it, or when the
 * host needs it. The backup may hold entries of ours from an earlier registration; an object that held nothing else is
 * not kept for them.
 */
function without(document: HostDocument, drop: Drop): HostDocument {
  const before = document.backup();
  const needed = document.file.newFile ?? {};
  try {
    const { data } = before;
    drop(before, (path) => {
      if (valueAt(needed, path) !== undefined) return true;
      const value = valueAt(data, path);
      return Array.isArray(value) ? value.length === 0 : isEmpty(value);
    });
  } catch (error) {
    // An entry that cannot be edited out of the backup stays in it.
    if (!(error instanceof AgentAsyncError)) throw error;
  }
  if (before.isBare) document.disownBackup();
  drop(document, (path) => valueAt(before.data, path) !== undefined || valueAt(needed, path) !== undefined);
  return document;
}

/**
 * Lets the host's own command line remove the server.
 *
 * @param edit.edited the file from before the command, with the server removed.
 * @returns the file after the command, still to be saved, and why the command failed; `null` when no command ran.
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
  without(document, (one, isKept) => one.remove(path, isKept));
  if (host.commandLine?.reformats(scope) === true) document.takeLayout(edited, path);
  return { document, fault: fault ?? (isRemoved ? null : "it is still there") };
}
