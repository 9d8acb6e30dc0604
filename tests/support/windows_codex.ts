/**
 * Test support: the real Codex for Windows, as npm installs it there: its package, that of its platform, and a `.cmd`
 * file before them. Machines with Wine install it too, into the tests' cache.
 *
 * @module
 */
import { join } from "node:path";
import { pinnedVersion, testCache } from "./agents.ts";
import { exists } from "./exists.ts";
import { installOnce } from "./install_once.ts";
import { npmScriptShim } from "./npm_shims.ts";

/** Names the prefix into which `npm install --global` has put it. */
export const CODEX_FOR_WINDOWS = "CODEX_FOR_WINDOWS";

const PACKAGE = "@openai/codex";

const SCRIPT = "node_modules\\@openai\\codex\\bin\\codex.js";

const BINARY = join("vendor", "x86_64-pc-windows-msvc", "bin", "codex.exe");

/** The prefix, for machines that are no Windows. @throws when npm cannot install it. */
export async function installWindowsCodex(): Promise<string> {
  const version = pinnedVersion("codex");
  const place = join(testCache(), "agents", `${PACKAGE.replace("/", "+")}@${version}-windows`);
  await installOnce({
    place,
    executable: join("node_modules", `${PACKAGE}-win32-x64`, BINARY),
    version: null,
    command(draft) {
      Deno.writeTextFileSync(join(draft, "package.json"), '{ "private": true }\n');
      Deno.writeTextFileSync(join(draft, "codex.cmd"), npmScriptShim(SCRIPT));
      const system = ["--os", "win32", "--cpu", "x64"];
      const options = ["--prefix", draft, "--no-audit", "--no-fund", "--loglevel=error", ...system];
      return { words: ["npm", "install", ...options, `${PACKAGE}@${version}`] };
    },
  });
  return place;
}

/** Where it is on this Windows, or why it is not there. */
export function findWindowsCodex(): { prefix: string; cannot: string | null } {
  if (Deno.build.os !== "windows") return { prefix: "", cannot: "only Windows runs what is made for it" };
  const prefix = Deno.env.get(CODEX_FOR_WINDOWS) ?? "";
  if (prefix === "") return { prefix, cannot: `${CODEX_FOR_WINDOWS} names no directory of npm with Codex` };
  return { prefix, cannot: exists(join(prefix, "codex.cmd")) ? null : `there is no codex.cmd in ${prefix}` };
}
