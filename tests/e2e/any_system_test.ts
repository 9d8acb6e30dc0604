/**
 * Jobs as this system runs them, with nothing that only some systems have: no shell, no signals, no `/proc`. What CI
 * runs on Windows; here it runs a second time as it is put together there.
 */
import assert from "node:assert/strict";
import { connectOrStart } from "../../src/daemon/reach/connect_or_start.ts";
import type { Endpoint } from "../../src/daemon/endpoint/endpoint.ts";
import { prepareEndpoint } from "../../src/daemon/endpoint/prepare_endpoint.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { ENDPOINTS } from "../support/endpoints.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { sendSignal } from "../support/signals.ts";

const file = (path: string) => fromFileUrl(new URL(path, import.meta.url));

const PLAIN = {
  command: Deno.execPath(),
  args: ["run", "--no-config", "--no-lock", "-A", file("../fixtures/agents/plain_agent.ts")],
  version_args: ["--version"],
};

interface Kind {
  command: readonly string[];
  endpoint: (home: string) => Promise<Endpoint>;
}

const NATIVE: Kind = { command: [file("../../main.ts"), "daemon", "run"], endpoint: prepareEndpoint };
const AS_ON_WINDOWS: Kind = {
  command: [file("../fixtures/as_on_windows_main.ts")],
  endpoint: ENDPOINTS.loopback,
};

class Site implements AsyncDisposable {
  readonly root: string = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "aa-any-" }));
  readonly service: RemoteService;

  constructor({ command, endpoint }: Kind) {
    const home = `${this.root}/state`;
    Deno.mkdirSync(home);
    Deno.writeTextFileSync(`${home}/config.json`, JSON.stringify({ agents: { plain: PLAIN } }));
    const connection = {
      home,
      version: "0.0.1",
      clock: systemClock,
      command: [Deno.execPath(), "run", "-A", "--no-check", ...command],
      env: Deno.env.toObject(),
      endpoint,
    };
    this.service = new RemoteService({
      clock: systemClock,
      connect: (signal) => connectOrStart({ ...connection, signal }),
    });
  }

  async start(prompt: string, name: string): Promise<string> {
    const cwd = `${this.root}/${name}`;
    Deno.mkdirSync(cwd);
    const origin = { env: Deno.env.toObject(), session: "test" };
    return (await this.service.start({ agent: "plain", prompt, cwd, origin })).job_id;
  }

  async ended(jobId: string) {
    const { jobs: [job] } = await this.service.wait({ job_ids: [jobId], timeout_seconds: 100 });
    assert.ok(job !== undefined, JSON.stringify(await this.service.poll({ job_id: jobId })));
    return job;
  }

  /** Who the agent and its child are, once they have said it. */
  async family(jobId: string): Promise<number[]> {
    const said = () => this.service.transcript({ job_id: jobId });
    const [, ...pids] = await eventually(async () => /pids (\d+) (\d+)/.exec((await said()).text), {
      what: "the agent and its child",
    });
    return pids.map(Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { jobs } = await this.service.list({ limit: 100 });
    for (const { job_id } of jobs) await this.service.cancel({ job_id });
    await this.service.stop();
    // Windows does not let go of a directory while a process that is leaving still has a file in it.
    await eventually(() => Deno.remove(this.root, { recursive: true }).then(() => true), {
      what: "the removal of the state directory",
    });
  }
}

const processes = systemProcesses();

for (const [kind, options] of [["native", NATIVE], ["as on Windows", AS_ON_WINDOWS]] as const) {
  // The second is the first there.
  const ignore = Deno.build.os === "windows" && kind !== "native";

  Deno.test({
    name: `any system, ${kind}: a job's output arrives whole, and its exit code is told`,
    ignore,
    async fn() {
      await using site = new Site(options);
      const prompt = 'ünïcödé 😀 "quoted" %PATH% $HOME\nand a second line';
      const done = await site.ended(await site.start(prompt, "done"));
      assert.deepEqual([done.status, done.result], ["done", `You said: ${prompt}`]);
      const failed = await site.ended(await site.start("exit 9", "failed"));
      assert.deepEqual([failed.status, failed.reason, failed.exit_code], ["error", "exit_code", 9]);
      assert.match(failed.error ?? "", /it would not do it/);
    },
  });

  Deno.test({
    name: `any system, ${kind}: a job goes on without its daemon, and the next one has its result`,
    ignore,
    async fn() {
      await using site = new Site(options);
      const gate = `${site.root}/gate`;
      const id = await site.start(`wait ${gate}`, "killed");
      const [agent = 0] = await site.family(id);
      const { pid } = await site.service.status();
      sendSignal(pid, "SIGKILL");
      await eventually(async () => (await site.service.status()).pid !== pid, { what: "the next daemon" });
      assert.notEqual(processes.identify(agent), null);
      Deno.writeTextFileSync(gate, "");
      const job = await site.ended(id);
      assert.deepEqual([job.status, job.exit_code], ["done", 0]);
      assert.match(job.result ?? "", /You said: wait/);
    },
  });

  Deno.test({
    name: `any system, ${kind}: cancelling ends the agent and what it has started`,
    ignore,
    async fn() {
      await using site = new Site(options);
      const id = await site.start(`wait ${site.root}/never`, "cancelled");
      const pids = await site.family(id);
      const identities = pids.map((pid) => processes.identify(pid));
      assert.ok(identities.every((identity) => identity !== null));
      await site.service.cancel({ job_id: id });
      assert.equal((await site.ended(id)).status, "cancelled");
      assert.deepEqual(identities.map((one) => one !== null && processes.isAlive(one)), [false, false]);
    },
  });
}
