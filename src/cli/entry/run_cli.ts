/**
 * Room `cli`: runs one command line and returns its exit code. It creates only the terminal's session and the
 * connection to the
 * daemon. No error leaves it.
 *
 * @module
 */
import { TOOLSETS } from "../../config/quick/quick_toolsets.ts";
import type { DaemonControl } from "../../service/daemon_control.ts";
import type { Context, Doors, ServiceConnection } from "../context.ts";
import { EXIT, type ExitCode, exitCodeOf, failureOf, UsageError } from "./exit_code.ts";
import type { Io } from "../io.ts";
import type { ServerRequest } from "./serve_host.ts";
import type { Parsed } from "./program.ts";
import { styleFor } from "../render/style.ts";

export interface CliOptions {
  readonly version: string;
  /** How the daemon is reached; the real way unless a test gives another. */
  readonly doors?: Doors;
}

/** Columns of a help text that is not printed to a terminal. */
const PIPE_COLUMNS = 100;

/**
 * The internal commands that `daemon/serve/choose_wrapper.ts` starts. They are not for people, so the parser does not
 * know them. The names are repeated here so that nothing of the daemon is loaded.
 */
const KEEP_TURN_COMMAND = "keep-turn";
const BECOME_AGENT_COMMAND = "become-agent";
const FEED_COMMAND = "feed-channel";
const INTERNAL_COMMANDS: readonly (string | undefined)[] = [
  KEEP_TURN_COMMAND,
  BECOME_AGENT_COMMAND,
  FEED_COMMAND,
];

/** Runs one command line to its end. Never throws. */
export async function runCli(given: readonly string[], io: Io, options: CliOptions): Promise<ExitCode> {
  const args = withCommand(given, io);
  const interrupt = new AbortController();
  const forced = Promise.withResolvers<ExitCode>();
  const session = new Session(io, options, interrupt.signal);
  using _listener = isServer(args, io) ? null : io.onInterrupt(() => {
    if (interrupt.signal.aborted) forced.resolve(EXIT.interrupted);
    else interrupt.abort();
  });
  try {
    return await Promise.race([
      dispatch(args, session),
      // The terminal has echoed `^C`. The newline keeps it off the shell's next prompt.
      forced.promise.finally(() => io.stderr.isTerminal ? io.stderr.write("\n") : undefined),
    ]);
  } catch (error) {
    const code = interrupt.signal.aborted ? EXIT.interrupted : exitCodeOf(error);
    if (!(error instanceof Deno.errors.BrokenPipe) && code !== EXIT.interrupted) {
      await complain(io, args, error);
    }
    return code;
  } finally {
    session.close();
  }
}

/** The options of the server alone mean the server where nobody types, as no argument at all does. */
function withCommand(args: readonly string[], io: Io): readonly string[] {
  const isOption = /^(?:-t|--toolsets|--server-name)(?:=|$)/.test(args[0] ?? "");
  return isOption && !io.stdin.isTerminal ? ["mcp", ...args] : args;
}

/**
 * Whether the arguments start a process that handles signals by itself: the MCP server, the daemon, the wrapper of a
 * turn, or a program that has the terminal for itself.
 */
function isServer(args: readonly string[], io: Io): boolean {
  return args.length === 0
    ? !io.stdin.isTerminal
    : args[0] === "mcp" || args[0] === "open" || (args[0] === "daemon" && args[1] === "run") ||
      INTERNAL_COMMANDS.includes(args[0]);
}

async function dispatch(args: readonly string[], session: Session): Promise<ExitCode> {
  const { io } = session;
  const plain = plainServer(args, io);
  if (plain !== null) {
    const { serveHost } = await import("./serve_host.ts");
    return await serveHost(session, plain);
  }
  if (args[0] === KEEP_TURN_COMMAND) {
    const { keepTurnAndExit } = await import("../../daemon/serve/keep_turn_and_exit.ts");
    return await keepTurnAndExit();
  }
  if (args[0] === BECOME_AGENT_COMMAND) {
    const { becomeAgentOrExit } = await import("../../daemon/serve/become_agent_or_exit.ts");
    return becomeAgentOrExit(args.slice(1));
  }
  if (args[0] === FEED_COMMAND) {
    const { feedChannelAndExit } = await import("../../daemon/serve/feed_channel_and_exit.ts");
    return await feedChannelAndExit(args[1] ?? "", Deno.stdout);
  }
  const [{ COMMANDS }, { parseArguments }] = await Promise.all([
    import("../command_list.ts"),
    import("./program.ts"),
  ]);
  const parsed = parseArguments(args, COMMANDS, {
    columns: io.stdout.isTerminal ? io.stdout.columns : PIPE_COLUMNS,
    version: session.version,
  });
  switch (parsed.kind) {
    case "run":
      return await run(parsed, session);
    case "print":
      await io.stdout.write(parsed.text);
      return EXIT.done;
    case "refused":
      throw new UsageError(parsed.text, { hint: parsed.hint });
  }
}

/**
 * Understands the usual ways in which a host starts the server, without loading the parser; `null` for anything else.
 */
function plainServer(args: readonly string[], io: Io): ServerRequest | null {
  const [command, ...rest] = args;
  if (command === undefined) return io.stdin.isTerminal ? null : {};
  if (command !== "mcp") return null;
  const said = /^(?:(?:-t |--toolsets[ =])([a-z,]+))?(?:(?:^| )--server-name ([\w-]+))?$/.exec(
    rest.join(" "),
  );
  if (said === null) return null;
  const [, text, serverName] = said;
  const toolsets = text?.split(",");
  const known: readonly string[] = TOOLSETS;
  if (toolsets?.every((name) => known.includes(name)) === false) return null;
  return {
    ...(toolsets === undefined ? {} : { toolsets }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

async function run({ command, path, raw }: Extract<Parsed, { kind: "run" }>, session: Session) {
  if (command.run === undefined) throw new Error(`${path} has nothing to run`);
  session.warnsOfConfig = !STARTS_WORK.has(path);
  try {
    return await command.run(raw, session);
  } catch (error) {
    if (!(error instanceof UsageError) || error.hint !== undefined) throw error;
    throw new UsageError(error.message, { hint: `agent-async ${path} --help says more.` });
  }
}

/**
 * The commands that start work. The daemon itself refuses them when the configuration is invalid, so no warning is
 * needed.
 */
const STARTS_WORK: ReadonlySet<string> = new Set([
  "start",
  "run",
  "race",
  "reply",
  "retry",
  "try-agent",
]);

/** Warns of an invalid configuration. Commands that only show or end jobs go on in spite of it. */
async function warnOfConfig(context: Context): Promise<void> {
  const [{ loadConfig }, { stateHome, statePaths }, { isAgentAsyncError }, { tell }] = await Promise.all([
    import("../../config/load_config.ts"),
    import("../../config/state_paths.ts"),
    import("../../domain/errors.ts"),
    import("../context.ts"),
  ]);
  const { env } = context.io;
  try {
    await loadConfig({ path: statePaths(stateHome(env)).configFile, env });
  } catch (error) {
    if (!isAgentAsyncError(error, "config_invalid")) throw error;
    await tell(
      context,
      `Warning: the configuration cannot be used, and nothing can be started: ${error.message}`,
    );
  }
}

async function complain(io: Io, args: readonly string[], error: unknown): Promise<void> {
  const failure = failureOf(error);
  const [{ jsonText }, { sentences }, { plainText }] = await Promise.all([
    import("../render/json_text.ts"),
    import("../render/wrap_words.ts"),
    import("../../domain/event/transcript.ts"),
  ]);
  const said = `agent-async: ${failure.message}${failure.hint === undefined ? "" : `\n${failure.hint}`}`;
  const text = args.includes("--json") ? jsonText({ error: failure }) : sentences(plainText(said), io.stderr);
  await io.stderr.write(`${text}\n`).catch(() => {});
}

/** One run of the program. Connects to the daemon at most once, and owns that connection. */
class Session implements Context {
  readonly io: Io;
  readonly version: string;
  readonly interrupt: AbortSignal;
  readonly style;
  /** Whether an invalid configuration leads to a warning before the first connection. */
  warnsOfConfig = false;
  readonly #doors: Doors | undefined;
  #connection: Promise<ServiceConnection> | null = null;

  constructor(io: Io, options: CliOptions, interrupt: AbortSignal) {
    this.io = io;
    this.version = options.version;
    this.interrupt = interrupt;
    this.style = styleFor(io.stdout, io.env);
    this.#doors = options.doors;
  }

  async service() {
    return (await this.#connect()).service;
  }

  async control(): Promise<DaemonControl> {
    return (await this.#connect()).control;
  }

  close(): void {
    this.#connection?.then((connection) => connection.close(), () => {});
  }

  #connect(): Promise<ServiceConnection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<ServiceConnection> {
    const doors = this.#doors ?? (await import("./service_connection.ts")).realDoors;
    // Tests that give their own connection have no state directory, and so no configuration.
    if (this.warnsOfConfig && this.#doors === undefined) await warnOfConfig(this);
    return await doors.connect(this.io, this.version);
  }
}
