/**
 * Room `cli`: whether a host is on this machine, and how this program is registered with it.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { type Host, type HostScope, type HostSite, projectDirectory } from "./host.ts";
import { HostDocument } from "./host_document.ts";
import { isPlain, valueAt } from "./plain_data.ts";
import { readRegisteredCommand, type RegisteredCommand } from "./registered_command.ts";
import { findExecutable } from "./run_host_command.ts";

export interface HostRegistration extends RegisteredCommand {
  readonly name: string;
  readonly scope: HostScope;
  readonly file: string;
  /** Whether the entry starts this very program, and not another copy of it. */
  readonly isCurrent: boolean;
}

export interface HostState {
  readonly host: Host;
  /** Absolute path of the host's command line or application; `null` when PATH has none. */
  readonly executable: string | null;
  /** Whether the host's executable or one of its traces was found. */
  readonly isDetected: boolean;
  readonly registrations: readonly HostRegistration[];
  /** Messages about the host's files that cannot be read, each with place and reason. */
  readonly faults: readonly string[];
}

const SCOPES: readonly HostScope[] = ["user", "project"];
const USER_SCOPE: readonly HostScope[] = ["user"];

export function inspectHost(host: Host, site: HostSite, self: readonly string[]): HostState {
  const executable = findExecutable(host.executables, site);
  const registrations: HostRegistration[] = [];
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const scope of projectDirectory(site) === null ? USER_SCOPE : SCOPES) {
    const file = host.serversFile(site, scope);
    // In the home directory, most hosts use one file for both scopes.
    if (file === null || seen.has(file.path)) continue;
    seen.add(file.path);
    try {
      const servers = valueAt(new HostDocument(file).data, [host.serversKey]);
      for (const [name, entry] of Object.entries(isPlain(servers) ? servers : {})) {
        const registered = readRegisteredCommand(entry, self);
        if (registered === null) continue;
        const isCurrent = self.every((word, index) => registered.command[index] === word);
        registrations.push({ ...registered, name, scope, file: file.path, isCurrent });
      }
    } catch (error) {
      if (!(error instanceof AgentAsyncError)) throw error;
      faults.push(error.message);
    }
  }
  const isDetected = executable !== null || host.traces(site).some(isThere);
  return { host, executable, isDetected, registrations, faults };
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
