/**
 * Room `cli`: access to a daemon that runs already. Never starts one: a question about the daemon must not change the
 * answer.
 *
 * @module
 */
import { stateHome } from "../config/state_paths.ts";
import { connectToDaemon } from "../daemon/reach/connect_or_start.ts";
import { AgentAsyncError } from "../domain/errors.ts";
import type { DaemonControl } from "../service/daemon_control.ts";
import type { JobService } from "../service/job_service.ts";
import { RemoteService } from "../service/remote/service.ts";
import type { ServerHello } from "../service/wire.ts";
import type { Context } from "./context.ts";

export function homeOf(context: Context): string {
  return stateHome(context.io.env);
}

/**
 * Calls `use` with the running daemon and its greeting, and returns what `use` returns; `null` when no daemon runs.
 *
 * @throws AgentAsyncError `daemon_unreachable` when the daemon ends in the meantime.
 */
export async function existingDaemon<Result>(
  context: Context,
  use: (daemon: DaemonControl & JobService, hello: ServerHello) => Promise<Result>,
): Promise<Result | null> {
  const options = { home: homeOf(context), version: context.version, clock: context.io.clock };
  const first = await connectToDaemon(options);
  if (first === null) return null;
  let unused: typeof first | null = first;
  using service = new RemoteService({
    clock: context.io.clock,
    connect: async (signal) => {
      const connection = unused ?? await connectToDaemon({ ...options, signal });
      unused = null;
      if (connection !== null) return connection;
      throw new AgentAsyncError("daemon_unreachable", "The daemon has just left");
    },
  });
  return await use(service, first.hello);
}
