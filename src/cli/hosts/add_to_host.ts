/**
 * Room `cli`: registers this program as an MCP server of a host. Rule of this file: every file is read and every edit
 * is checked before the first file is written. An entry that is already right is not touched.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Host, HostListItem, HostPermissions, HostScope, HostSite, Registration } from "./host.ts";
import { HostDocument, type HostFileReference } from "./host_document.ts";
import { HostFileLock } from "./host_file_lock.ts";
import { backUp, BACKUP_SUFFIX, makeDirectoryOf, readHostFile } from "./host_file.ts";
import { isPlain, type Plain, valueAt } from "./plain_data.ts";
import { readRegisteredCommand } from "./registered_command.ts";
import { runHostCommand } from "./run_host_command.ts";

export interface AddOptions {
  readonly host: Host;
  readonly site: HostSite;
  readonly scope: HostScope;
  /** The words that start this program, before any command. */
  readonly self: readonly string[];
  readonly registration: Registration;
  /** Whether a hook is registered that wakes an idle session of the host when a job ends. */
  readonly isWaking: boolean;
}

export interface HostChange {
  /** Paths of the host's files that were changed, by an edit or by the host's own command. */
  readonly changed: readonly string[];
  /** Paths of the backups of the changed files, with their text from before the last change. */
  readonly backups: readonly string[];
  /** How the server's entry was changed: by the host's own command line, by an edit of its file, or not at all. */
  readonly via: "command" | "file" | null;
  readonly notes: readonly string[];
}

/**
 * @throws AgentAsyncError `config_invalid` for a file that cannot be parsed, edited or written; `conflict` when the
 * name is another server's, or when another program changes a file meanwhile; `invalid_argument` when the host has no
 * such scope. A fault that is found before the first write leaves every file as it was.
 */
export async function addToHost(options: AddOptions): Promise<HostChange> {
  const { host, site, scope, registration } = options;
  const file = serversFileOf(host, site, scope);
  const path = [host.serversKey, registration.name];
  const items = itemsOf(options);
  const files = [file, ...items.map((item) => item.file)].map((one) => one.path);
  for (const one of files) makeDirectoryOf(one);
  using _lock = await HostFileLock.of(files);
  const servers = new HostDocument(file);
  const present = valueAt(servers.data, path);
  if (present !== undefined) throwUnlessOurs(present, options, file);
  const entry = host.entry(registration, isPlain(present) ? present : undefined);
  servers.merge(path, entry);
  const settings = settingsDocuments(items, servers);
  for (const document of [servers, ...settings]) document.requireWritable();

  const notes: string[] = [];
  const after = present === undefined ? await addByCommand(options, { path, entry, before: servers }) : null;
  if (after?.fault != null) {
    notes.push(`${host.title}'s own command could not add it (${after.fault}); its file was edited.`);
  }
  const isByCommand = after !== null && after.fault === null;
  const isNew = (after?.document ?? servers).save({ isBackedUp: after !== null });
  const saved = settings.filter((document) => document.save()).map((document) => document.file.path);
  const changed = [...(isNew || isByCommand ? [file.path] : []), ...saved];
  return {
    changed,
    backups: backupsOf(changed),
    via: isByCommand ? "command" : isNew ? "file" : null,
    notes,
  };
}

/** Paths of the backups that exist for `files`. */
export function backupsOf(files: readonly string[]): string[] {
  return files.map((path) => `${path}${BACKUP_SUFFIX}`).filter((path) => readHostFile(path) !== null);
}

/** @throws AgentAsyncError `invalid_argument` when the host has no such scope. */
export function serversFileOf(host: Host, site: HostSite, scope: HostScope): HostFileReference {
  const file = host.serversFile(site, scope);
  if (file !== null) return file;
  throw new AgentAsyncError("invalid_argument", `--project: ${host.title} has no servers of a project`);
}

function itemsOf({ host, site, scope, registration, isWaking, self }: AddOptions): HostListItem[] {
  const { name, allowedTools } = registration;
  const hook = isWaking ? host.wakeHook?.(site, scope, { name, self, env: registration.env }) : undefined;
  return [
    ...(allowedTools.length > 0 ? permissionItems(host.permissions?.(site, scope, name), allowedTools) : []),
    ...(hook === undefined ? [] : [hook]),
  ];
}

/** One permission for each tool. They replace a permission for the whole server, which earlier versions wrote. */
function permissionItems(
  permissions: HostPermissions | undefined,
  tools: readonly string[],
): HostListItem[] {
  if (permissions === undefined) return [];
  const { file, path, isOurs, isServerWide: isReplaced, others = [] } = permissions;
  const items = tools.map((tool) => ({ file, path, item: permissions.itemOf(tool), isOurs, isReplaced }));
  return [...items, ...others];
}

/**
 * The settings files with their items added, still to be saved. Items that belong into the file of the servers are
 * added to `servers`, which is not returned.
 */
function settingsDocuments(items: readonly HostListItem[], servers: HostDocument): HostDocument[] {
  const documents = new Map([[servers.file.path, servers]]);
  for (const { file, path, item, isOurs, isReplaced = isOurs } of items) {
    const known = documents.get(file.path);
    const document = known ?? new HostDocument(file);
    documents.set(file.path, document);
    const isMade = known === undefined && document.original === null;
    if (isMade && file.newFile !== undefined) document.merge([], file.newFile);
    document.addItem(path, item, isReplaced);
  }
  return [...documents.values()].filter((document) => document !== servers);
}

/**
 * Lets the host's own command line add the server. Settings that the command has no argument for (a timeout, an
 * approval) are merged into the entry that it wrote. Where the command reformats the rest of the file, the old layout
 * is restored.
 *
 * @param edit.before the file from before the command, with the new server merged in.
 * @returns the file after the command, still to be saved, and why the command failed; `null` when no command ran.
 */
async function addByCommand(
  { host, site, scope, registration }: AddOptions,
  { path, entry, before }: { path: string[]; entry: Plain; before: HostDocument },
): Promise<{ document: HostDocument; fault: string | null } | null> {
  const isSpoiled = host.commandLine?.spoils?.(before.original ?? "") === true;
  const args = isSpoiled ? null : host.commandLine?.add(registration, scope) ?? null;
  if (args !== null) backUp(before.file.path);
  const { hasRun, fault } = await runHostCommand(host, args, { site, scope });
  if (!hasRun) return null;
  const document = new HostDocument(before.file);
  const isAdded = isPlain(valueAt(document.data, path));
  document.merge(path, entry);
  if (before.original !== null && host.commandLine?.reformats(scope) === true) {
    const server = valueAt(document.data, path);
    const edited = new HostDocument(before.file, before.original);
    if (isPlain(server)) edited.merge(path, server);
    document.takeLayout(edited, path);
  }
  return { document, fault: fault ?? (isAdded ? null : "it wrote elsewhere") };
}

function throwUnlessOurs(present: unknown, options: AddOptions, file: HostFileReference): void {
  const { host, registration: { name }, self } = options;
  if (readRegisteredCommand(present, self) !== null) return;
  throw new AgentAsyncError(
    "conflict",
    `${host.title} has another server called "${name}" (in ${file.path}).`,
    {
      hint: "Choose another name with --name, or remove that server first.",
    },
  );
}
