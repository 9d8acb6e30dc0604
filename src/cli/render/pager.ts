/**
 * Room `cli`: long output on a terminal goes through the user's pager, as git's does.
 *
 * @module
 */
import { shellWords } from "../../system/processes/system_shell.ts";
import type { Io } from "../io.ts";

/** What `less` does unless the user says otherwise: no pager for less than a screen, colours, and the text stays. */
const LESS = "FRX";

/** Writes `text` through the pager on a terminal, and straight to stdout elsewhere and where there is no pager. */
export async function page(text: string, { stdout, env }: Io): Promise<void> {
  const pager = (env.PAGER ?? "").trim() || "less";
  if (!stdout.isTerminal || pager === "cat" || Deno.build.os === "windows") return await stdout.write(text);
  const [program = "", ...args] = shellWords(pager);
  const child = new Deno.Command(program, {
    args,
    env: { ...env, LESS: env.LESS ?? LESS },
    clearEnv: true,
    stdin: "piped",
    stdout: "inherit",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A pager that was left early takes no more.
  await writer.write(new TextEncoder().encode(text)).catch(() => {});
  await writer.close().catch(() => {});
  const { code } = await child.status;
  // 127: the shell found no such program.
  if (code === 127) await stdout.write(text);
}
