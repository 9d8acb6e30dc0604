/**
 * Support for tests: a program from a package registry, installed on first use and then kept.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { exists } from "./exists.ts";

/** Ms for one install: Claude Code is 250 MB. */
const INSTALL_MS = 600_000;

/** Ms for an answer to `--version`. */
const ANSWER_MS = 180_000;

export interface Installation {
  /** Absolute; its name says package and version. */
  readonly place: string;
  /** Of the program, inside of `place`. */
  readonly executable: string;
  /** What `--version` must say; `null` for a program of another system. */
  readonly version: string | null;
  /** What runs it, where it cannot be run by itself. */
  readonly interpreter?: readonly string[];
  /** What installs it into the directory `draft`. */
  command(draft: string): { readonly words: readonly string[]; readonly env?: Record<string, string> };
}

/**
 * The absolute path of the program. A complete install appears under its name in one step: two processes at once
 * install twice and agree on one.
 *
 * @throws when it cannot be installed or is not the version that was asked for.
 */
export async function installOnce(
  { place, executable, version, interpreter = [], command }: Installation,
): Promise<string> {
  const installed = join(place, executable);
  if (exists(installed)) return installed;
  Deno.mkdirSync(dirname(place), { recursive: true });
  const draft = Deno.makeTempDirSync({ dir: dirname(place), prefix: ".installing-" });
  try {
    const { words, env } = command(draft);
    await run(words, { cwd: draft, timeoutMs: INSTALL_MS, env: env ?? {} });
    if (version !== null) {
      const said = await run([...interpreter, join(draft, executable), "--version"], {
        cwd: draft,
        timeoutMs: ANSWER_MS,
        env: env ?? {},
      });
      if (!said.includes(version)) throw new Error(`Cannot use ${place}: --version says ${said}`);
    }
    rename(draft, place);
  } finally {
    if (exists(draft)) Deno.removeSync(draft, { recursive: true });
  }
  return installed;
}

/** What it printed. @throws when it cannot be started or ends with a failure. */
async function run(
  [program = "", ...args]: readonly string[],
  { cwd, timeoutMs, env }: { cwd: string; timeoutMs: number; env: Record<string, string> },
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env,
    stdin: "null",
    signal: AbortSignal.timeout(timeoutMs),
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (code === 0) return said;
  throw new Error(`${[program, ...args].join(" ")} ended with ${code}: ${said.slice(-2_000)}`);
}

/** A process that was faster has installed the same version: then the draft is left for the clean-up. */
function rename(draft: string, place: string): void {
  try {
    Deno.renameSync(draft, place);
  } catch (error) {
    if (!exists(place)) throw error;
  }
}
