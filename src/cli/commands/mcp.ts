/**
 * Room `cli`: `mcp`. Every host session begins here, so nothing is loaded that the first answer does not need.
 *
 * @module
 */
import { z } from "zod";
import { ToolsetName } from "../../config/schema.ts";
import type { AgentState } from "../../service/requests.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../values.ts";
import { EXIT } from "../exit_code.ts";

const toolsetsError = { error: `must be a list of ${ToolsetName.options.join(", ")}` };
const Toolsets = z.string().transform(listed).pipe(
  z.array(z.enum(ToolsetName.options, toolsetsError)).min(1, toolsetsError),
);

export const mcpCommand = defineCommand({
  name: "mcp",
  summary: "Serve MCP on standard input and output, for a host such as Claude Code",
  options: [{
    flags: "-t, --toolsets <list>",
    summary: "jobs, codex, agents, stream or all, separated by commas",
  }],
  examples: [{ line: "mcp --toolsets jobs,codex", says: "What a host is told to run." }],
  input: z.object({ toolsets: Toolsets.optional() }),
  async run(input, context) {
    const { io, version } = context;
    const [{ loadConfig }, { stateHome, statePaths }, { serveMcp }, { stderrLog }] = await Promise
      .all([
        import("../../config/load_config.ts"),
        import("../../config/state_paths.ts"),
        import("../../mcp/serve.ts"),
        import("../../system/file_log.ts"),
      ]);
    const home = stateHome(io.env);
    const { config } = await loadConfig({
      path: statePaths(home).configFile,
      env: io.env,
      flags: input.toolsets === undefined
        ? {}
        : { toolsets: { flag: "--toolsets", text: input.toolsets.join(",") } },
    });
    const log = stderrLog();
    let detect: (() => Promise<AgentState[]>) | undefined;
    using opened = new DisposableStack();
    await serveMcp({
      // Loaded by the first call: a host's greeting does not wait for the way to the daemon.
      service: async () => {
        const { remoteService } = await import("../service_connection.ts");
        return opened.use(remoteService(io, { version, log }));
      },
      version,
      toolsets: config.toolsets,
      env: { ...io.env },
      session: `mcp-${crypto.randomUUID()}`,
      agents: async () => {
        const { agentDetector } = await import("../detect_agents.ts");
        return await (detect ??= agentDetector({ env: io.env, config }))();
      },
      recentJobs: async () => {
        const [{ existingDaemon }, { LISTED_JOBS }] = await Promise.all([
          import("../existing_daemon.ts"),
          import("../../mcp/resource_catalog.ts"),
        ]);
        return await existingDaemon(context, (daemon) => daemon.list({ limit: LISTED_JOBS }));
      },
      hostDirectory: io.cwd,
      input: io.stdin.stream,
      output: io.stdout.stream,
      log,
      home,
    });
    return EXIT.done;
  },
});
