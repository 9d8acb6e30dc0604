/**
 * Room `cli`: the session of an MCP host. Every session begins here, so this file imports nothing that the first answer
 * does not need:
 * no schema, no parser, no connection to the daemon. Loading those would take longer than everything else.
 *
 * @module
 */
import { answererOf } from "../../config/answerer.ts";
import { type ListSettings, quickSettings } from "../../config/quick/quick_settings.ts";
import { DEFAULT_TOOLSETS, quickToolsets } from "../../config/quick/quick_toolsets.ts";
import type { ConfigSource } from "../../config/config_source.ts";
import type { Config } from "../../config/schema.ts";
import { stateHome, statePaths } from "../../config/state_paths.ts";
import { isAgentAsyncError } from "../../domain/errors.ts";
import { serveMcp } from "../../mcp/serve.ts";
import { stderrLog } from "../../system/file_log.ts";
import type { Context } from "../context.ts";
import type { agentDetector } from "../detect_agents.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import { hostEnvironment } from "./host_environment.ts";
import type { Io } from "../io.ts";

/** What the command line of the MCP server asks for. */
export interface ServerRequest {
  readonly toolsets?: readonly string[];
  /** The name by which the host knows this server, when it is not the usual one. */
  readonly serverName?: string;
}

/**
 * Serves MCP until the host closes the connection. An invalid configuration does not end the session: the first call
 * that
 * starts work reports it.
 *
 * @throws AgentAsyncError `config_invalid` when there is no home directory, or when `toolsets` is invalid.
 */
export async function serveHost(
  context: Context,
  { toolsets, serverName }: ServerRequest = {},
): Promise<ExitCode> {
  const { io, version } = context;
  const home = stateHome(io.env);
  if (io.stdin.isTerminal) await tellPerson(context);
  const log = stderrLog();
  const path = statePaths(home).configFile;
  const flag = toolsets?.join(",");
  const flags = flag === undefined ? {} : { toolsets: { flag: "--toolsets", text: flag } };
  const config = async (): Promise<Config> => {
    const { loadConfig } = await import("../../config/load_config.ts");
    return (await loadConfig({ path, env: io.env, flags })).config;
  };
  const offered = async () => {
    try {
      const quick = quickToolsets({ path, env: io.env, ...(flag === undefined ? {} : { flag }) });
      return quick ?? (await config()).toolsets;
    } catch (error) {
      if (!isAgentAsyncError(error, "config_invalid") || flag !== undefined) throw error;
      log.warn("The configuration cannot be used; the usual tools are offered", { problem: error.message });
      return DEFAULT_TOOLSETS;
    }
  };
  const env = hostEnvironment(io);
  let detect: ReturnType<typeof agentDetector> | undefined;
  let source: ConfigSource | undefined;
  const settings = async (): Promise<ListSettings> => {
    // What was once read by the schema is kept when the file becomes unusable.
    const quick = source === undefined ? quickSettings({ path, env: io.env }) : null;
    if (quick !== null) return quick;
    const { ConfigSource } = await import("../../config/config_source.ts");
    source ??= new ConfigSource({ path, env: io.env, flags, log });
    const config = source.current();
    return { agents: config.agents, answerer: answererOf(config) };
  };
  using opened = new DisposableStack();
  const isSpokenTo = await serveMcp({
    // Loaded at the first call of a tool, since the answer to a host's greeting must not wait for it.
    service: async () => {
      const { remoteService } = await import("./service_connection.ts");
      return opened.use(remoteService(io, { version, log }));
    },
    version,
    toolsets: await offered(),
    env,
    session: `mcp-${crypto.randomUUID()}`,
    agents: async () => {
      const { agents } = await settings();
      if (detect === undefined) {
        const { agentDetector } = await import("../detect_agents.ts");
        detect ??= agentDetector(env);
      }
      return await detect(agents);
    },
    mayAnswer: async () => (await settings()).answerer === "anyone",
    recentJobs: async () => {
      const [{ existingDaemon }, { LISTED_JOBS }] = await Promise.all([
        import("../existing_daemon.ts"),
        import("../../mcp/resources/resource_catalog.ts"),
      ]);
      return await existingDaemon(context, (daemon) => daemon.list({ limit: LISTED_JOBS }));
    },
    ...hostDirectory(io),
    ...(serverName === undefined ? {} : { serverName }),
    input: io.stdin.stream,
    output: io.stdout.stream,
    log,
    home,
  });
  if (!isSpokenTo) {
    await io.stderr.write(
      "agent-async: standard input ended before any message of an MCP host came. " +
        "`agent-async --help` lists what can be done without a host.\n",
    );
  }
  return EXIT.done;
}

/** The directory in which the host started this server; absent when it has been removed since. */
function hostDirectory(io: Io): { hostDirectory?: string } {
  try {
    return { hostDirectory: io.cwd };
  } catch {
    return {};
  }
}

/**
 * Tells a person who has started the server by hand what it waits for. A host may also give it a terminal, so the
 * server starts all the same.
 */
async function tellPerson(context: Context): Promise<void> {
  const { tell } = await import("../context.ts");
  await tell(
    context,
    "agent-async mcp waits for the messages of an MCP host, which starts it by itself. " +
      "`agent-async add-agent HOST` registers it with one, `agent-async --help` lists what is for you. Ctrl-D ends it.",
  );
}
