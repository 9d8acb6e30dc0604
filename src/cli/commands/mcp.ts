/**
 * Room `cli`: the declaration of the command `mcp`. `serve_host.ts` does its work. Hosts usually reach that file
 * without this one,
 * which would make the server start more slowly.
 *
 * @module
 */
import * as z from "zod";
import { ToolsetName } from "../../config/schema.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../values.ts";

const toolsetsError = { error: `must be a list of ${ToolsetName.options.join(", ")}` };
const Toolsets = z.string().transform(listed).pipe(
  z.array(z.enum(ToolsetName.options, toolsetsError)).min(1, toolsetsError),
);

export const mcpCommand = defineCommand({
  name: "mcp",
  summary: "Serve MCP on standard input and output, for a host",
  options: [{
    flags: "-t, --toolsets <list>",
    summary: "jobs, codex, agents, starts, stream or all, separated by commas",
  }, {
    flags: "--server-name <name>",
    summary: "what the host calls this server, so that advice names its tools as the host does",
    isHidden: true,
  }],
  examples: [{ line: "mcp --toolsets jobs,codex", says: "What a host is told to run." }],
  input: z.object({ toolsets: Toolsets.optional(), serverName: z.string().regex(/^[\w-]+$/).optional() }),
  async run(input, context) {
    const { serveHost } = await import("../entry/serve_host.ts");
    const { toolsets, serverName } = input;
    return await serveHost(context, {
      ...(toolsets === undefined ? {} : { toolsets }),
      ...(serverName === undefined ? {} : { serverName }),
    });
  },
});
