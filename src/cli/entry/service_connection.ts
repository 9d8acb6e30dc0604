/**
 * Room `cli`: the real way to the daemon, put together. Loaded only by what needs a daemon.
 *
 * @module
 */
import { stateHome } from "../../config/state_paths.ts";
import { connectOrStart } from "../../daemon/reach/connect_or_start.ts";
import { selfCommand } from "../../daemon/reach/self_command.ts";
import { RemoteService } from "../../service/remote/service.ts";
import { type Log, silentLog } from "../../system/log.ts";
import type { Doors } from "../context.ts";
import type { Io } from "../io.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** The command that `daemon run` is, after the program itself. */
const DAEMON_COMMAND = ["daemon", "run"] as const;

export interface RemoteOptions {
  readonly version: string;
  readonly log?: Log;
}

/**
 * A service that reaches the daemon of this terminal's state directory, and starts one at the first call that finds
 * none.
 *
 * @throws AgentAsyncError `config_invalid` when there is no usable state directory.
 */
export function remoteService(io: Io, { version, log = silentLog }: RemoteOptions): RemoteService {
  const home = stateHome(io.env);
  return new RemoteService({
    clock: io.clock,
    log,
    connect: (signal) =>
      connectOrStart({
        home,
        version,
        jobId: io.env[JOB_VARIABLE],
        command: [...selfCommand(), ...DAEMON_COMMAND],
        env: io.env,
        clock: io.clock,
        log,
        signal,
      }),
  });
}

export const realDoors: Doors = {
  connect(io, version) {
    const service = remoteService(io, { version });
    return Promise.resolve({ service, control: service, close: () => service[Symbol.dispose]() });
  },
};
