/**
 * Support for tests: real agents at pinned versions, installed from npm on first use into a cache outside of the
 * repository, so that neither the program nor its compile graph knows them.
 *
 * @module
 */
import { join } from "node:path";
import { installOnce } from "./install_once.ts";

interface Pin {
  readonly package: string;
  readonly version: string;
  /** The command that the package installs. */
  readonly command: string;
}

const PINS = {
  codex: { package: "@openai/codex", version: "0.171.0", command: "codex" },
  gemini: { package: "@google/gemini-cli", version: "0.61.0", command: "gemini" },
  claude: { package: "@anthropic-ai/claude-code", version: "2.1.332", command: "claude" },
} as const satisfies Record<string, Pin>;

export type RealAgent = keyof typeof PINS;

export const REAL_AGENTS: readonly RealAgent[] = ["codex", "gemini", "claude"];

/** What the agent answers to `--version`, or begins its answer with. */
export function pinnedVersion(agent: RealAgent): string {
  return PINS[agent].version;
}

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

function install(pin: Pin): Promise<string> {
  return installFromNpm(pin.package, { version: pin.version, command: pin.command, under: "agents" });
}

/** @param options.under the directory of the cache. */
export function installFromNpm(
  name: string,
  { version, command, under }: { version: string; command: string; under: string },
): Promise<string> {
  return installOnce({
    place: join(testCache(), under, `${name.replace("/", "+")}@${version}`),
    executable: join("node_modules", ".bin", command),
    version,
    command(draft) {
      Deno.writeTextFileSync(join(draft, "package.json"), '{ "private": true }\n');
      const options = ["--prefix", draft, "--no-audit", "--no-fund", "--loglevel=error"];
      return { words: ["npm", "install", ...options, `${name}@${version}`] };
    },
  });
}
