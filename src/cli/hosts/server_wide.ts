/**
 * Room `cli`: whether a host may call every tool of a registration without asking, as registrations of earlier versions
 * said: then tools that decide in a person's place could be called by a model alone.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Host, HostSite } from "./host.ts";
import { HostDocument, type HostFileReference } from "./host_document.ts";
import type { HostRegistration } from "./inspect_host.ts";
import { isPlain, valueAt } from "./plain_data.ts";

/** The file that says so, or `null` when none does. */
export function serverWideFile(
  host: Host,
  site: HostSite,
  { name, scope }: Pick<HostRegistration, "name" | "scope">,
): string | null {
  const servers = host.serversFile(site, scope);
  const entry = servers === null ? undefined : valueIn(servers, [host.serversKey, name]);
  if (servers !== null && isPlain(entry) && host.isServerWide?.(entry) === true) return servers.path;
  const permissions = host.permissions?.(site, scope, name);
  if (permissions === undefined) return null;
  const items = valueIn(permissions.file, permissions.path);
  const isThere = Array.isArray(items) && items.some((item) => permissions.isServerWide(item));
  return isThere ? permissions.file.path : null;
}

/** What cannot be read is told elsewhere. */
function valueIn(file: HostFileReference, path: readonly string[]): unknown {
  try {
    return valueAt(new HostDocument(file).data, path);
  } catch (error) {
    if (error instanceof AgentAsyncError) return undefined;
    throw error;
  }
}
