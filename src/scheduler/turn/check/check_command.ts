/**
 * Room `scheduler`: the command line of a check: the system's shell, or an agent's sandbox around it.
 *
 * @module
 */
import type { AgentCatalog } from "../../../agents/detection/catalog.ts";
import type { JobCheck } from "../../../domain/job/check.ts";
import { shellWords } from "../../../system/processes/system_shell.ts";

export type CheckCommand =
  | { ok: true; executable: string; args: readonly string[]; cwd: string; env: Record<string, string> }
  | { ok: false; why: string };

/** @param options.env the whole environment of the check */
export async function checkCommand(
  check: JobCheck,
  { cwd, env, catalog }: {
    cwd: string;
    env: Record<string, string>;
    catalog: Pick<AgentCatalog, "driver" | "detect"> | undefined;
  },
): Promise<CheckCommand> {
  // Both streams in one file, so that the end of the output is the end of both.
  const [shell = "", ...args] = shellWords(
    Deno.build.os === "windows" ? `(${check.command}) 2>&1` : `exec 2>&1\n${check.command}`,
  );
  const { sandbox } = check;
  if (sandbox === undefined) return { ok: true, executable: shell, args, cwd, env };
  const driver = catalog?.driver(sandbox) ?? null;
  if (driver?.sandboxed === undefined) {
    return { ok: false, why: `could not be run: ${sandbox} has no sandbox to run it in` };
  }
  const found = await catalog?.detect(sandbox, env);
  if (found?.executable == null) {
    return {
      ok: false,
      why: `could not be run: ${driver.title} is not installed, and it was to run in its sandbox`,
    };
  }
  return { ok: true, executable: found.executable, args: driver.sandboxed([shell, ...args]), cwd, env };
}
