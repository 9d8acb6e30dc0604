/**
 * Support for the generated documentation: what each real host can do, as the tests have seen it.
 *
 * @module
 */
import { HOSTS } from "../../src/cli/hosts/host_list.ts";
import { recordedAbilities } from "./host_abilities.ts";

const HEAD = [
  "host",
  "version",
  "MCP revision",
  "search for tools",
  "asks a person",
  "tasks",
  "new tools",
  "woken",
];

export function hostTable(): string {
  const rows = Object.entries(recordedAbilities()).map(([id, seen]) => {
    const host = HOSTS.find((one) => one.id === id);
    if (host === undefined) throw new Error(`There is no host ${id}`);
    return [
      host.title,
      seen.version,
      seen.revision,
      seen.search,
      seen.elicitation,
      seen.tasks,
      seen.refresh === "yes" ? "read again" : "not read again",
      host.wakeHook === undefined ? "no" : "by a hook (`--wake`)",
    ];
  });
  return [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
