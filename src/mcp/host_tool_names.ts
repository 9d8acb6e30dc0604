/**
 * Room `mcp`: how a host's model calls the tools of a server. Each host puts the server's name before the tool's in a
 * way of its own, and hides most tools behind a search: a model that is told a bare name calls one that it does not
 * have. The forms are those of the requests that the hosts send to their models.
 *
 * @module
 */

/** The server's name in a host unless its registration says otherwise. */
export const USUAL_SERVER_NAME = "agent-async";

export interface HostToolNames {
  /** The tool as this host's model has to call it; its own name where the host is not known. */
  nameOf(tool: string): string;
  /** What to do when the model has no such tool: a few words for the end of a sentence. */
  searchFor(tool: string): string;
}

interface HostForm {
  /** Of `clientInfo.name`. */
  readonly client: RegExp;
  nameOf(tool: string, server: string): string;
  /** Whether it calls every tool without asking anybody. */
  readonly asksNobody?: true;
  /** The host's own search for tools that it does not show. */
  readonly search?: (tool: string, server: string) => string;
}

const FORMS: readonly HostForm[] = [
  {
    client: /^claude-code$/,
    nameOf: (tool, server) => `mcp__${server}__${tool}`,
    search: (tool, server) => `ToolSearch "select:mcp__${server}__${tool}" loads it`,
  },
  {
    // The tool stays apart from its namespace, and a search for both together finds nothing.
    client: /^codex/,
    nameOf: (tool, server) => `${tool} of mcp__${server.replaceAll(/\W/g, "_")}`,
    search: (tool) => `tool_search "${tool}" finds it`,
  },
  { client: /^gemini-cli/, nameOf: (tool, server) => `mcp_${server}_${tool}` },
  {
    client: /^qwen-c/,
    nameOf: (tool, server) => `mcp__${server}__${tool}`,
    search: (tool, server) => `tool_search "select:mcp__${server}__${tool}" loads it`,
  },
  { client: /^opencode/, asksNobody: true, nameOf: (tool, server) => `${server}_${tool}` },
  { client: /copilot/, nameOf: (tool, server) => `${server}-${tool}` },
];

/**
 * Whether a host asks a person before it calls a tool, unless the person has allowed that tool. One that never does gets
 * none of the tools that decide in a person's place.
 */
export function asksBeforeCalls(client: string | undefined): boolean {
  return formOf(client)?.asksNobody !== true;
}

function formOf(client: string | undefined): HostForm | undefined {
  return FORMS.find((one) => one.client.test(client ?? ""));
}

/** @param client `clientInfo.name` of the host; `undefined` when it has not said. */
export function hostToolNames(client: string | undefined, server = USUAL_SERVER_NAME): HostToolNames {
  const form = formOf(client);
  return {
    nameOf: (tool) => form?.nameOf(tool, server) ?? tool,
    searchFor: (tool) => form?.search?.(tool, server) ?? "find it by that name if your tools lack it",
  };
}
