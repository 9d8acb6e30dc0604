/**
 * Test support: what a real host can do with an MCP server, read off what it has said to the program and to its model,
 * and the record of it that `docs/hosts.md` quotes.
 *
 * @module
 */
import { z } from "zod";
import type { Said } from "./recorded_wire.ts";

const RECORD = new URL("../fixtures/host_abilities.json", import.meta.url);

export const HostAbilities = z.object({
  version: z.string(),
  /** The revision that was spoken, and the request that began it. */
  revision: z.string(),
  /** The host's own tool that looks for others. */
  search: z.string(),
  /** What it declares to be able to ask a person. */
  elicitation: z.string(),
  tasks: z.string(),
  /** Whether it reads the tools again when told that they have changed. */
  refresh: z.string(),
});
export type HostAbilities = z.infer<typeof HostAbilities>;

const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const VERSION = "io.modelcontextprotocol/protocolVersion";

const Capabilities = z.looseObject({
  elicitation: z.looseObject({}).optional(),
  tasks: z.looseObject({}).optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
});

/** @param toolNames of all tools that the host has shown to its model. */
export function abilitiesOf(
  said: readonly Said[],
  { version, toolNames }: { version: string; toolNames: readonly string[] },
): HostAbilities {
  const first = said.find(({ by }) => by === "host")?.message;
  const greeting = said.find(({ by, message }) => by === "server" && message.id === first?.id)?.message
    .result;
  const meta = z.looseObject({}).catch({}).parse(first?.params?._meta);
  const isModern = first?.method === "server/discover" && greeting !== undefined;
  const declared = isModern ? meta[CAPABILITIES] : first?.params?.capabilities;
  const { elicitation, tasks, extensions = {} } = Capabilities.catch({}).parse(declared);
  const revision = isModern ? meta[VERSION] : greeting?.protocolVersion;
  const modes = Object.keys(elicitation ?? {});
  const hasTasks = tasks !== undefined || "io.modelcontextprotocol/tasks" in extensions;
  return {
    version,
    revision: `${revision} (${first?.method})`,
    search: toolNames.find((name) => /tool_?search/i.test(name)) ?? "none",
    elicitation: elicitation === undefined ? "no" : modes.length === 0 ? "form" : modes.join(", "),
    tasks: hasTasks ? "yes" : "no",
    refresh: refreshOf(said),
  };
}

function refreshOf(said: readonly Said[]): string {
  const changed = said.findIndex(({ message }) => message.method === "notifications/tools/list_changed");
  if (changed < 0) return "not told";
  const reads = said.slice(changed).some(({ by, message }) =>
    by === "host" && message.method === "tools/list"
  );
  return reads ? "yes" : "no";
}

/** By host. */
export function recordedAbilities(): Record<string, HostAbilities> {
  return z.record(z.string(), HostAbilities).parse(JSON.parse(Deno.readTextFileSync(RECORD)));
}

export function recordAbilities(host: string, abilities: HostAbilities): void {
  const all = { ...recordedAbilities(), [host]: abilities };
  Deno.writeTextFileSync(RECORD, `${JSON.stringify(all, null, 2)}\n`);
}
