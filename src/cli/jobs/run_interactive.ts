/**
 * Room `cli`: runs the agent's own program at this terminal, which is all its own until it ends.
 *
 * @module
 */
import { pause } from "../../system/pause.ts";
import { withGivenUmask } from "../../system/processes/umask.ts";
import type { Io } from "../io.ts";
import type { InteractiveSession } from "./interactive_session.ts";

/** Ms after which a signal that ended the program was for the program alone. */
const HEARING_MS = 1_000;

/**
 * @param options.stay called with the pid of the program: that it runs is to be known even if this process is killed.
 * @returns the exit code of the program. From then on Ctrl-C is nothing to this process, which is to end.
 */
export async function runInteractive(
  { cwd, executable, args, env: added }: InteractiveSession,
  io: Pick<Io, "env">,
  { stay }: { stay: (pid: number) => Promise<unknown> },
): Promise<number> {
  const env: Record<string, string> = { ...io.env };
  for (const [name, value] of Object.entries(added)) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  // Ctrl-C goes to every process of the terminal: it is the program's to understand, and must not end this one.
  const heard = Promise.withResolvers<void>();
  Deno.addSignalListener("SIGINT", () => heard.resolve());
  const command = new Deno.Command(executable, {
    args: [...args],
    cwd,
    env,
    clearEnv: true,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  const program = withGivenUmask(() => command.spawn());
  // A person is not sent away from the terminal because a daemon cannot be told.
  stay(program.pid).catch(() => {});
  const { code, signal } = await program.status;
  // Deno hears of a signal a moment after it has come, and one that nobody listens to any more ends the process.
  if (signal === "SIGINT") await Promise.race([heard.promise, pause(HEARING_MS)]);
  return code;
}
