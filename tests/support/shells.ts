/**
 * Test support: the shells that a `/bin/sh` may be, each under that name.
 *
 * @module
 */
import { basename } from "node:path";

export interface Shell {
  /** As people call it. */
  name: string;
  /** What it is on PATH. */
  program: string;
  /** Where it is; `null` when this machine has none. */
  path: string | null;
}

/** What systems have as `/bin/sh`. */
const NAMES = ["dash", "bash", "busybox"] as const;

export const SHELLS: readonly Shell[] = NAMES.map((program) => ({
  name: program === "busybox" ? "ash of busybox" : program,
  program,
  path: find(program),
}));

/** A link named `sh` in `directory`, which the shell takes for what it is to be. */
export function asSh(shell: string, directory: string): string {
  const path = `${directory}/${basename(shell)}/sh`;
  Deno.mkdirSync(`${directory}/${basename(shell)}`);
  Deno.symlinkSync(shell, path);
  return path;
}

function find(program: string): string | null {
  for (const directory of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      return Deno.realPathSync(`${directory}/${program}`);
    } catch {
      // Not there.
    }
  }
  return null;
}
