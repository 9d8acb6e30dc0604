/**
 * Both implementations of `JobService` pass one suite: in this process, and in a daemon of its own, over a unix socket
 * with shells as wrappers and over a port with processes.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connectOrStart } from "../../src/daemon/reach/connect_or_start.ts";
import type { Endpoint } from "../../src/daemon/endpoint/endpoint.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import { systemClock } from "../../src/system/clock.ts";
import { ENDPOINTS } from "../support/endpoints.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { makeStateHome } from "../support/state_home.ts";
import { jobServiceSuite, type ServiceHarness } from "./job_service_suite.ts";
import { sendSignal } from "../support/signals.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const AS_ON_WINDOWS_MAIN = fileURLToPath(new URL("../fixtures/as_on_windows_main.ts", import.meta.url));

jobServiceSuite("LocalService", async (): Promise<ServiceHarness> => {
  const harness = await LocalHarness.start();
  return {
    service: harness.service,
    cwd: harness.state.cwd,
    env: harness.state.env,
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
});

const PROGRAM = [Deno.execPath(), "run", "-A", "--no-check"];

interface DaemonKind {
  command: readonly string[];
  endpoint: (home: string) => Promise<Endpoint>;
}

interface RemoteHarness extends ServiceHarness {
  service: RemoteService;
}

function remoteHarness({ command, endpoint }: DaemonKind): () => Promise<RemoteHarness> {
  return async () => {
    const state = makeStateHome();
    const connection = {
      home: state.home,
      version: "0.0.1",
      clock: systemClock,
      command,
      endpoint,
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
  };
}

const OURS = remoteHarness({ command: [...PROGRAM, MAIN, "daemon", "run"], endpoint: ENDPOINTS.unix });
const AS_ON_WINDOWS = remoteHarness({
  command: [...PROGRAM, AS_ON_WINDOWS_MAIN],
  endpoint: ENDPOINTS.loopback,
});

jobServiceSuite("RemoteService", OURS);
jobServiceSuite("RemoteService, put together as on Windows", AS_ON_WINDOWS);

for (const [name, make] of [["", OURS], [", put together as on Windows", AS_ON_WINDOWS]] as const) {
  Deno.test(`RemoteService${name}: a daemon that is killed again and again costs a job nothing`, async () => {
    await using harness = await make();
    const { service, cwd, env } = harness;
    const lines = Array.from({ length: 40 }, (_, n) => `say ${n}\nsleep 0.02`).join("\n");
    const prompt = `change once\n${lines}\nwait go\nsay went`;
    const { job_id } = await service.start({ agent: "codex", prompt, cwd, origin: { env, session: "test" } });
    for (let round = 0; round < 4; round++) {
      const { cursor } = await service.poll({ job_id });
      await service.events({ job_id, cursor, wait_seconds: 5 });
      sendSignal((await service.status()).pid, "SIGKILL");
    }
    Deno.writeTextFileSync(`${cwd}/go`, "");
    const { jobs } = await service.wait({ job_ids: [job_id], timeout_seconds: 100 });
    assert.deepEqual(jobs.map(({ status, result }) => [status, result]), [["done", "went"]]);
    const { events } = await service.events({ job_id, limit: 500, types: ["message"] });
    assert.deepEqual(
      events.map((event) => event.type === "message" && event.text),
      [...Array.from({ length: 40 }, (_, n) => String(n)), "went"],
    );
    assert.equal(Deno.readTextFileSync(`${cwd}/once`), "0\n");
  });
}
