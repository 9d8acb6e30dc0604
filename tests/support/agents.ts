/**
 * Support for tests: real agents at pinned versions, installed from npm on first use into a cache outside of the
 * repository, so that neither the program nor its compile graph knows them.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "./exists.ts";

interface Pin {
  readonly package: string;
  readonly version: string;
  /** The command that the package installs. */
  readonly command: string;
}

const PINS = {
  codex: { package: "@openai/codex", version: "0.169.0", command: "codex" },
  gemini: { package: "@google/gemini-cli", version: "0.61.0", command: "gemini" },
  claude: { package: "@anthropic-ai/claude-code", version: "2.1.197", command: "claude" },
} as const satisfies Record<string, Pin>;

export type RealAgent = keyof typeof PINS;

export const REAL_AGENTS: readonly RealAgent[] = ["codex", "gemini", "claude"];

/** Ms for one install: Claude Code is 250 MB. */
const INSTALL_MS = 600_000;

const installs = new Map<RealAgent, Promise<string>>();

/**
 * The absolute path of the agent's command, installed when it is not there yet.
 * @throws when npm cannot install it or the command does not answer `--version` with its pinned version.
 */
export function agentExecutable(agent: RealAgent): Promise<string> {
  const known = installs.get(agent);
  if (known !== undefined) return known;
  const started = install(PINS[agent]);
  installs.set(agent, started);
  return started;
}

/** `${XDG_CACHE_HOME:-$HOME/.cache}/agent-async-tests`: not below the temporary directory, which Codex warns about. */
export function testCache(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME");
  return join(cache === undefined || cache === "" ? join(homeOf(), ".cache") : cache, "agent-async-tests");
}

function homeOf(): string {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  if (home === undefined) throw new Error("Cannot find a cache for the tests: HOME is not set");
  return home;
}

/** A complete install appears under its name in one step: two processes at once install twice and agree on one. */
async function install(pin: Pin): Promise<string> {
  const agents = join(testCache(), "agents");
  const place = join(agents, `${pin.package.replace("/", "+")}@${pin.version}`);
  const executable = join(place, "node_modules", ".bin", pin.command);
  if (exists(executable)) return executable;
  Deno.mkdirSync(agents, { recursive: true });
  const draft = Deno.makeTempDirSync({ dir: agents, prefix: ".installing-" });
  try {
    await npmInstall(pin, draft);
    await verify(pin, join(draft, "node_modules", ".bin", pin.command));
    rename(draft, place);
  } finally {
    if (exists(draft)) Deno.removeSync(draft, { recursive: true });
  }
  return executable;
}

async function npmInstall(pin: Pin, prefix: string): Promise<void> {
  Deno.writeTextFileSync(join(prefix, "package.json"), '{ "private": true }\n');
  const { code, stdout, stderr } = await new Deno.Command("npm", {
    args: [
      "install",
      "--prefix",
      prefix,
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      `${pin.package}@${pin.version}`,
    ],
    cwd: prefix,
    stdin: "null",
    signal: AbortSignal.timeout(INSTALL_MS),
  }).output();
  if (code === 0) return;
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  throw new Error(
    `Cannot install ${pin.package}@${pin.version}: npm ended with ${code}: ${said.slice(-2_000)}`,
  );
}

async function verify(pin: Pin, executable: string): Promise<void> {
  const { stdout, stderr } = await new Deno.Command(executable, {
    args: ["--version"],
    stdin: "null",
    signal: AbortSignal.timeout(60_000),
  }).output();
  const said = new TextDecoder().decode(stdout);
  if (said.includes(pin.version)) return;
  throw new Error(
    `Cannot use ${pin.package}@${pin.version}: --version says ${said}${new TextDecoder().decode(stderr)}`,
  );
}

/** A process that was faster has installed the same version: then the draft is left for the clean-up. */
function rename(draft: string, place: string): void {
  try {
    Deno.renameSync(draft, place);
  } catch (error) {
    if (!exists(place)) throw error;
  }
}
