/** Both implementations of `JobService` pass one suite: in this process, and over a socket in a daemon of its own. */
import { fileURLToPath } from "node:url";
import { connectOrStart } from "../../src/daemon/connect_or_start.ts";
import { RemoteService } from "../../src/service/remote_service.ts";
import { systemClock } from "../../src/system/clock.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { makeStateHome } from "../support/state_home.ts";
import { jobServiceSuite, type ServiceHarness } from "./job_service_suite.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

jobServiceSuite("LocalService", async (): Promise<ServiceHarness> => {
  const harness = await LocalHarness.start();
  return {
    service: harness.service,
    cwd: harness.state.cwd,
    env: harness.state.env,
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
});

jobServiceSuite("RemoteService", async (): Promise<ServiceHarness> => {
  const state = makeStateHome();
  const connection = {
    home: state.home,
    version: "0.0.1",
    clock: systemClock,
    command: [Deno.execPath(), "run", "-A", "--no-check", MAIN, "daemon", "run"],
    // The daemon's own cache of modules, and not an empty one in the test's HOME.
    env: { ...Deno.env.toObject(), PATH: state.env.PATH ?? "" },
  };
  const service = new RemoteService({
    clock: systemClock,
    connect: (signal) => connectOrStart({ ...connection, signal }),
  });
  await service.ping();
  return {
    service,
    cwd: state.cwd,
    env: state.env,
    async [Symbol.asyncDispose]() {
      const { jobs } = await service.list({ limit: 100 });
      for (const { job_id } of jobs) await service.cancel({ job_id });
      await service.stop();
      await state[Symbol.asyncDispose]();
    },
  };
});
