/**
 * Support for tests: a program from PyPI at a pinned version, installed on first use into the tests' cache.
 *
 * @module
 */
import { join } from "node:path";
import { testCache } from "./agents.ts";
import { installOnce } from "./install_once.ts";

/** The command, and the directory that `PYTHONPATH` has to name for it. */
export interface PythonInstall {
  readonly executable: string;
  readonly pythonPath: string;
}

/** @throws when pip cannot install it or the command does not answer `--version` with its version. */
export async function installFromPypi(
  name: string,
  { version, command }: { version: string; command: string },
): Promise<PythonInstall> {
  const place = join(testCache(), "agents", `${name}@${version}`);
  const executable = await installOnce({
    place,
    executable: join("bin", command),
    version,
    // Where it lies is known only when it runs.
    interpreter: ["sh", "-c", 'PYTHONPATH="${0%/bin/*}" exec "$0" "$@"'],
    command: (draft) => ({
      words: ["python3", "-m", "pip", "install", "--quiet", "--target", draft, `${name}==${version}`],
    }),
  });
  return { executable, pythonPath: place };
}

/** Why a Python that it runs on is missing; `null` where there is one. */
export const NO_PYTHON: string | null = hasPython() ? null : "no Python 3.10 to 3.12 with pip";

function hasPython(): boolean {
  try {
    const code = "import sys, pip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))";
    return new Deno.Command("python3", { args: ["-c", code], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}
