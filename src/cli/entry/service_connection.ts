/**
 * Room `cli`: creates the real connection to the daemon. Only commands that need a daemon load this file.
 *
 * @module
 */
import { notePerson } from "../../config/person_file.ts";
import { stateHome, statePaths } from "../../config/state_paths.ts";
import { connectOrStart } from "../../daemon/reach/connect_or_start.ts";
import { selfCommand } from "../../daemon/reach/self_command.ts";
import { RemoteService } from "../../service/remote/service.ts";
import { type Log, silentLog } from "../../system/log.ts";
import type { Doors } from "../context.ts";
import type { Io } from "../io.ts";
import { isPersonsTerminal } from "../jobs/asker.ts";
import { JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** The arguments, after the program itself, that start a daemon. */
const DAEMON_COMMAND = ["daemon", "run"] as const;

export interface RemoteOptions {
  readonly version: string;
  readonly log?: Log;
}

/**
 * A service that talks to the daemon of this terminal's state directory. A call that finds no daemon starts one. The
 * caller must dispose of the service.
 */
export function remoteService(io: Io, { version, log = silentLog }: RemoteOptions): RemoteService {
  const home = stateHome(io.env);
  return new RemoteService({
    clock: io.clock,
    log,
    async connect(signal) {
      const connection = await connectOrStart({
        home,
        version,
        jobId: io.env[JOB_VARIABLE],
        command: [...selfCommand(), ...DAEMON_COMMAND],
        env: io.env,
        clock: io.clock,
        log,
        signal,
      });
      if (isPersonsTerminal(io)) notePerson(statePaths(home).personFile);
      return connection;
    },
  });
}

export const realDoors: Doors = {
  connect(io, version) {
    const service = remoteService(io, { version });
    return Promise.resolve({ service, control: service, close: () => service[Symbol.dispose]() });
  },
};
