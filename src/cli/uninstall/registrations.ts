/**
 * Room `cli`: removes this program's registrations with hosts. Rule of this file: a registration that starts another
 * copy of the program stays, and so does one in a project's own file.
 *
 * @module
 */
import type { Context } from "../context.ts";
import type { Host } from "../hosts/host.ts";
import { HOSTS } from "../hosts/host_list.ts";
import { hostSite, ownCommand } from "../hosts/host_site.ts";
import { type HostRegistration, inspectHost } from "../hosts/inspect_host.ts";
import { removeFromHost } from "../hosts/remove_from_host.ts";

export interface FoundRegistration {
  readonly host: Host;
  readonly registration: HostRegistration;
}

/** Those of every host that would be broken without this program. */
export function ownRegistrations(context: Context): FoundRegistration[] {
  const site = hostSite(context);
  return HOSTS.flatMap((host) =>
    inspectHost(host, site, ownCommand()).registrations
      .filter(({ isCurrent }) => isCurrent)
      .map((registration) => ({ host, registration }))
  );
}

/** @returns what was done, in a sentence. @throws AgentAsyncError when the host's file cannot be changed. */
export async function removeRegistration(
  { host, registration }: FoundRegistration,
  context: Context,
): Promise<string> {
  const { name, scope, file } = registration;
  if (scope === "project") {
    return `Kept ${name} of ${host.title} in this project (${file}): remove it yourself.`;
  }
  await removeFromHost({ host, site: hostSite(context), scope, name, self: ownCommand() });
  return `${name} is no longer registered with ${host.title}.`;
}
