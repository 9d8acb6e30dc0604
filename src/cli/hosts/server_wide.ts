/**
 * Room `cli`: whether a host may call every tool of a registration without asking, as earlier versions have registered
 * it. A model alone could then call the tools that decide in a person's place.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Host, HostSite } from "./host.ts";
import { HostDocument, type HostFileReference } from "./host_document.ts";
import type { HostRegistration } from "./inspect_host.ts";
import { isPlain, valueAt } from "./plain_data.ts";

/** Path of the file that allows every tool; `null` when none does. */
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

/** The value at `path`; `undefined` also for a file that cannot be read, which `inspectHost` reports. */
function valueIn(file: HostFileReference, path: readonly string[]): unknown {
  try {
    return valueAt(new HostDocument(file).data, path);
  } catch (error) {
    if (error instanceof AgentAsyncError) return undefined;
    throw error;
  }
}
