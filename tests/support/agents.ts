/**
 * Support for tests: real agents at pinned versions, installed from npm on first use into a cache outside of the
 * repository, so that neither the program nor its compile graph knows them.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { installOnce } from "./install_once.ts";

interface Pin {
  readonly package: string;
  readonly version: string;
  /** The command that the package installs. */
  readonly command: string;
  /** Whether it runs on no older Node than the tests' own. */
  readonly needsNode?: true;
}

const PINS = {
  codex: { package: "@openai/codex", version: "0.171.0", command: "codex" },
  gemini: { package: "@google/gemini-cli", version: "0.61.0", command: "gemini" },
  claude: { package: "@anthropic-ai/claude-code", version: "2.1.332", command: "claude" },
} as const satisfies Record<string, Pin>;

/**
 * Agents that a configuration need only name, at the versions on which their presets were tried. Two of them need a
 * newer Node than the tests are sure to have.
 */
const PRESET_PINS = {
  opencode: { package: "opencode-ai", version: "1.18.33", command: "opencode" },
  qwen: { package: "@qwen-code/qwen-code", version: "0.24.4", command: "qwen" },
  copilot: { package: "@github/copilot", version: "1.0.102", command: "copilot" },
  kilo: { package: "@kilocode/cli", version: "7.7.7", command: "kilo" },
  cline: { package: "cline", version: "3.0.65", command: "cline" },
  auggie: { package: "@augmentcode/auggie", version: "0.36.0", command: "auggie" },
  kimi: { package: "@moonshot-ai/kimi-code", version: "2.1.0", command: "kimi", needsNode: true },
  pi: { package: "@earendil-works/pi-coding-agent", version: "1.6.0", command: "pi", needsNode: true },
} as const satisfies Record<string, Pin>;

/** The version of a preset agent's pin. */
export function presetVersion(agent: string): string {
  const pin = Object.entries(PRESET_PINS).find(([name]) => name === agent)?.[1];
  if (pin === undefined) throw new Error(`There is no pin for ${agent}`);
  return pin.version;
}

const NODE: Pin = { package: "node", version: "24.21.0", command: "node" };

export type PresetAgent = keyof typeof PRESET_PINS;

export const PRESET_AGENTS: readonly PresetAgent[] = [
  "opencode",
  "qwen",
  "copilot",
  "kilo",
  "cline",
  "auggie",
  "kimi",
  "pi",
];

/** The absolute path of the agent's command, and what it needs before the usual PATH. */
export interface PresetInstall {
  readonly executable: string;
  readonly path: readonly string[];
}

const presetInstalls = new Map<PresetAgent, Promise<PresetInstall>>();

/** As {@link agentExecutable}. */
export function presetInstall(agent: PresetAgent): Promise<PresetInstall> {
  const known = presetInstalls.get(agent);
  if (known !== undefined) return known;
  const started = installPreset(PRESET_PINS[agent]);
  presetInstalls.set(agent, started);
  return started;
}

async function installPreset(pin: Pin): Promise<PresetInstall> {
  const path = pin.needsNode === true ? [dirname(await install(NODE))] : [];
  return { executable: await install(pin, path), path };
}

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

/**
 * `${XDG_CACHE_HOME:-$HOME/.cache}/agent-async-tests`, or a directory of this user below `/var/tmp` where that would be
 * below `/tmp`: Codex's sandbox may write there whatever the policy, and Codex warns about such a HOME. No test gives it
 * another `TMPDIR`.
 */
export function testCache(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME");
  const usual = join(cache === undefined || cache === "" ? join(homeOf(), ".cache") : cache, NAME);
  // Agents tell paths with links resolved, and tests compare them.
  return isTemporary(usual) ? lastingCache() : realPathOf(usual);
}

const NAME = "agent-async-tests";

/** Whether the directory, or what a link in its path leads to, is a temporary one. */
function isTemporary(path: string): boolean {
  return `${realPathOf(path)}/`.startsWith(`${realPathOf("/tmp")}/`);
}

/** Of the nearest part of the path that is there. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPathOf(parent), basename(path));
  }
}

/** Others may write beside it, so that it must be this user's own. */
function lastingCache(): string {
  const directory = `/var/tmp/${NAME}-${Deno.uid()}`;
  Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, isDirectory } = Deno.lstatSync(directory);
  if (!isDirectory || uid !== Deno.uid()) throw new Error(`Cannot use ${directory}: it is another user's`);
  return join(directory, NAME);
}

function homeOf(): string {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  if (home === undefined) throw new Error("Cannot find a cache for the tests: HOME is not set");
  return home;
}

function install(pin: Pin, path: readonly string[] = []): Promise<string> {
  return installFromNpm(pin.package, { version: pin.version, command: pin.command, under: "agents", path });
}

/**
 * @param options.under the directory of the cache.
 * @param options.interpreter what runs the command, where it cannot be run by itself.
 * @param options.path what it needs before the usual PATH.
 */
export function installFromNpm(
  name: string,
  { version, command, under, interpreter, path = [] }: {
    version: string;
    command: string;
    under: string;
    interpreter?: readonly string[];
    path?: readonly string[];
  },
): Promise<string> {
  return installOnce({
    place: join(testCache(), under, `${name.replace("/", "+")}@${version}`),
    executable: join("node_modules", ".bin", command),
    version,
    ...(interpreter === undefined ? {} : { interpreter }),
    command(draft) {
      Deno.writeTextFileSync(join(draft, "package.json"), '{ "private": true }\n');
      const options = ["--prefix", draft, "--no-audit", "--no-fund", "--loglevel=error"];
      const env = { PATH: [...path, Deno.env.get("PATH") ?? ""].join(":") };
      return { words: ["npm", "install", ...options, `${name}@${version}`], env };
    },
  });
}
