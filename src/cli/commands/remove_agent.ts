/**
 * Room `cli`: the command `remove-agent`, which undoes `add-agent`.
 *
 * @module
 */
import * as z from "zod";
import { defineCommand } from "../command.ts";
import { EXIT } from "../entry/exit_code.ts";
import type { HostScope } from "../hosts/host.ts";
import {
  HOST_ARGUMENT,
  NAME_OPTION,
  PROJECT_OPTION,
  reportHostChange,
  ServerName,
} from "../hosts/host_options.ts";
import type { HostRegistration } from "../hosts/inspect_host.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { Switch, Word } from "../values.ts";

export const removeAgentCommand = defineCommand({
  name: "remove-agent",
  summary: "Take back what add-agent did",
  details: "The server, its permissions and its hook, and nothing else.",
  arguments: [HOST_ARGUMENT],
  options: [NAME_OPTION, PROJECT_OPTION, JSON_OPTION],
  examples: [{ line: "remove-agent codex", says: "Codex knows nothing of it any more." }],
  json:
    "{ host, scope, name, removed, changed: [file], backups: [file], via, notes: [sentence] }; via as of add-agent",
  input: z.object({ host: Word, name: ServerName, project: Switch, json: Switch }),
  async run(input, context) {
    const [{ hostNamed }, { removeFromHost }, { inspectHost }, { hostSite, ownCommand }] = await Promise.all([
      import("../hosts/host_list.ts"),
      import("../hosts/remove_from_host.ts"),
      import("../hosts/inspect_host.ts"),
      import("../hosts/host_site.ts"),
    ]);
    const host = hostNamed(input.host);
    const site = hostSite(context);
    const self = ownCommand();
    const scope: HostScope = input.project ? "project" : "user";
    const { name } = input;
    const change = await removeFromHost({ host, site, scope, name, self });
    const isRemoved = change.changed.length > 0;
    const where = scope === "user" ? host.title : `${host.title} in this project`;
    const notes = isRemoved
      ? change.notes
      : [...change.notes, ...elsewhere(inspectHost(host, site, self).registrations, host.id)];
    const said = isRemoved
      ? `${name} is no longer registered with ${where}.`
      : `${name} was not registered with ${where}; nothing was changed.`;
    await reportHostChange(
      { host, scope, name, change: { ...change, notes }, said, more: { removed: isRemoved } },
      context,
      input.json,
    );
    return EXIT.done;
  },
});

function elsewhere(registrations: readonly HostRegistration[], host: string): string[] {
  return registrations.map(({ name, scope, file }) => {
    const options = `${scope === "project" ? " --project" : ""}${
      name === "agent-async" ? "" : ` --name ${name}`
    }`;
    return `It is in ${file}: agent-async remove-agent ${host}${options} removes it.`;
  });
}
