/**
 * Benchmark: published MCP servers that hand work to Codex, installed from their registries by the registries' own
 * clients into the cache of the tests. `--peer NAME=COMMAND` puts one in their place that was installed otherwise.
 *
 * @module
 */
import { join } from "node:path";
import { testCache } from "../support/agents.ts";
import { exists } from "../support/exists.ts";

export interface PublishedServer {
  readonly name: string;
  /** How to start it on stdio. Throws what the registry's client says when it cannot be had. */
  install(): Promise<readonly string[]>;
}

/** Ms for one install. */
const INSTALL_MS = 120_000;

export const PUBLISHED: readonly PublishedServer[] = [
  npmServer({ name: "codex-mcp-server", version: "1.4.10" }),
  npmServer({ name: "@trishchuk/codex-mcp-tool", version: "2.5.0", command: "codex-mcp" }),
  // It is written for the first major version of its SDK, and does not say so.
  pythonServer({ name: "codex-as-mcp", from: ["codex-as-mcp==2026.6.29.1", "mcp<2"] }),
  // The earlier server in Python, which was published as a repository only.
  pythonServer({
    name: "codex-async-mcp",
    from: ["codex-async-mcp @ git+https://github.com/OilProducts/codex-async-mcp"],
  }),
];

function npmServer({ name, version, command = name }: { name: string; version: string; command?: string }) {
  return {
    name,
    install: async () => {
      const place = join(testCache(), "bench", "peers", `${name.replace("/", "+")}@${version}`);
      const script = join(place, "node_modules", ".bin", command);
      if (!exists(script)) {
        const args = ["install", "--prefix", place, "--no-audit", "--no-fund", "--loglevel=error"];
        await run("npm", [...args, `${name}@${version}`]);
      }
      return [script];
    },
  };
}

function pythonServer({ name, from }: { name: string; from: readonly string[] }) {
  return {
    name,
    install: async () => {
      const place = join(testCache(), "bench", "peers", `${name}-python`);
      const script = join(place, "bin", name);
      if (!exists(script)) {
        await run("python3", ["-m", "venv", place]);
        await run(join(place, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", ...from]);
      }
      return [script];
    },
  };
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    signal: AbortSignal.timeout(INSTALL_MS),
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).split("\n").filter((line) => /error|fatal/i.test(line));
  // The registry's address is of no interest to who reads the table.
  const why =
    (said.find((line) => /404|No matching|Cannot|not found|Could not resolve|unable to access/i.test(line)) ??
      said[0] ?? "it failed")
      .replace(/ - GET \S+/, "");
  throw new Error(`${command.split("/").at(-1)}: ${why.trim()}`);
}
