/**
 * Chaos, family "front-ends": hosts that are killed, closed, stuck, of another version, too many or not hosts at all.
 * A bad one never hurts another.
 *
 * @module
 */
import { socketPathNow } from "../../src/daemon/endpoint/socket_path.ts";
import { eventually } from "../support/eventually.ts";
import { HostSession, NEWER_VERSION, newerProgramCommand } from "../support/program.ts";
import { beside } from "./bystander.ts";
import type { Fault, Trial } from "./fault.ts";
import { Ledger } from "./ledger.ts";
import { pause } from "./processes.ts";
import { RawHost } from "./raw_host.ts";
import type { Site } from "./site.ts";

function bad(
  name: string,
  attack: (site: Site, trial: Trial) => Promise<void>,
  options: { keepsDaemon?: boolean } = {},
): Fault {
  return {
    name,
    family: "front-ends",
    kind: "once",
    async attempt(trial) {
      const site = trial.site({ config: { limits: { total: 60 } } });
      await beside(trial, site, () => attack(site, trial), options);
    },
  };
}

/** Writes something, and sees to it that a host which asks properly afterwards on the same pipe is answered. */
function survives(name: string, write: (host: RawHost) => Promise<void>): Fault {
  return bad(name, async (site, trial) => {
    await using host = new RawHost(site);
    await host.greet();
    await write(host);
    await host.tool("after", "queue_status", {});
    await eventually(() => host.answers("after").length > 0, {
      what: "an answer afterwards",
      timeoutMs: 20_000,
    });
    trial.expect(host.strays.length === 0, `stdout had ${host.strays.slice(0, 3).join()}`);
  });
}

async function killedWhileStarting(trial: Trial): Promise<void> {
  const { random } = trial;
  const site = trial.site({ config: { limits: { total: 4 } } });
  const ledger = new Ledger(trial, site);
  const plans = Array.from({ length: 1 + random.below(8) }, () => ({
    order: ledger.draw({ endless: false }),
    delayMs: random.below(600),
    isKilled: random.below(2) === 0,
  }));
  await Promise.all(plans.map(async ({ order, delayMs, isKilled }) => {
    await using host = new RawHost(site);
    await host.greet();
    const { cwd, request_key } = order.request;
    await host.tool(1, "codex_start", { cwd, request_key, prompt: order.script.prompt });
    await pause(delayMs);
    if (isKilled) host.signal("SIGKILL");
    else await host.closeInput();
  }));
  await ledger.settle();
}

async function rawSocket(site: Site): Promise<Deno.UnixConn> {
  return await Deno.connect({ transport: "unix", path: await socketPathNow(site.home) ?? "" });
}

/** Writes to the daemon's socket and reads until it is closed, or for a second. */
async function onSocket(site: Site, data: Uint8Array): Promise<void> {
  const connection = await rawSocket(site);
  try {
    const writing = (async () => {
      for (let at = 0; at < data.length;) at += await connection.write(data.subarray(at));
    })().catch(() => {});
    const reading = (async () => {
      const buffer = new Uint8Array(65_536);
      while (await connection.read(buffer) !== null);
    })().catch(() => {});
    await Promise.race([Promise.all([writing, reading]), pause(1_000)]);
  } finally {
    connection.close();
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export const FRONT_END_FAULTS: readonly Fault[] = [
  {
    name: "killed or closed while they start jobs",
    family: "front-ends",
    kind: "round",
    attempt: killedWhileStarting,
  },
  bad("never reads what it asked for", async (site) => {
    await using host = new RawHost(site, { reads: false });
    await host.greet();
    for (let n = 0; n < 2_000; n++) void host.tool(n, "queue_status", {});
    await pause(2_000);
  }),
  bad("stopped in the middle of a wait", async (site) => {
    await using host = new RawHost(site);
    await host.greet();
    await host.tool(1, "job_wait", { timeout_seconds: 100 });
    await pause(300);
    host.signal("SIGSTOP");
    await pause(1_500);
    host.signal("SIGCONT");
  }),
  bad("50 at once, each with a job", async (site, trial) => {
    const hosts = await Promise.all(Array.from({ length: 50 }, () => HostSession.start(site.state)));
    trial.findings.jobs += hosts.length;
    const ids = await Promise.all(
      hosts.map((host, n) => host.start(`say ${n}`, { approval_policy: "suggest" })),
    );
    const jobs = await Promise.all(ids.map((id, n) => hosts[n]?.ended(id)));
    jobs.forEach((job, n) => trial.expect(job?.result === String(n), `job ${n} of 50 became ${job?.result}`));
    await Promise.all(hosts.map((host) => host.mcp.close()));
  }),
  bad("two versions at once, each with a job", async (site, trial) => {
    const before = site.daemon();
    const hosts = await Promise.all(Array.from({ length: 20 }, (_, n) => {
      const isNewer = n % 2 === 1;
      return HostSession.start(site.state, ["mcp"], isNewer ? { program: newerProgramCommand() } : {});
    }));
    trial.findings.jobs += hosts.length;
    const ids = await Promise.all(
      hosts.map((host, n) => host.start(`say ${n}`, { approval_policy: "suggest", request_key: `v${n}` })),
    );
    const jobs = await Promise.all(ids.map((id, n) => hosts[n]?.ended(id)));
    jobs.forEach((job, n) => trial.expect(job?.result === String(n), `job ${n} of 20 became ${job?.result}`));
    await Promise.all(hosts.map((host) => host.mcp.close()));
    const { version } = await site.client().status();
    trial.expect(version === NEWER_VERSION, `the daemon is of version ${version}`);
    trial.expect(site.daemon() !== before, "the older daemon has stayed");
    const { total } = await site.client().list({});
    trial.expect(total === 21, `${total} jobs came of 21 starts`);
  }, { keepsDaemon: false }),
  survives("garbage on stdin", async (host) => {
    await host.write('garbage\n\n\u0000\u0001{\n[]\nnull\n1\n"x"\n{"jsonrpc":"1.0"}\n');
    await host.write(crypto.getRandomValues(new Uint8Array(60_000)));
    await host.write("\n");
  }),
  survives(
    "a message of 50 MB",
    (host) => host.tool(1, "codex_start", { prompt: "x".repeat(50_000_000), cwd: "/" }),
  ),
  survives("a message of 100 MB", (host) => host.write(`{"x":"${"x".repeat(100_000_000)}"}\n`)),
  survives("nesting of a million levels", async (host) => {
    await host.write(`${"[".repeat(1_000_000)}\n`);
    await host.write(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"job_list","arguments":${
        '{"a":'.repeat(100_000)
      }1${"}".repeat(100_000)}}}\n`,
    );
  }),
  survives("duplicate ids and cancelled requests", async (host) => {
    for (let n = 0; n < 50; n++) {
      await host.tool(7, "job_wait", { timeout_seconds: 30 });
      await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });
    }
    await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: { a: 1 } } });
    await host.tool(null, "job_list", {});
    await host.tool({ an: "object" }, "job_list", {});
  }),
  survives("ids and paths that lead elsewhere", async (host) => {
    for (const id of ["../../x", "..", "/etc/passwd", "a\u0000b", "", "x".repeat(100_000), "__proto__"]) {
      for (const tool of ["job_poll", "job_cancel", "job_events", "job_reply"]) {
        await host.tool(`${tool} ${id}`, tool, { job_id: id, prompt: "x" });
      }
    }
    for (const cwd of ["relative", "/dev/null", "/proc/self/fd", "/nowhere", "\u0000"]) {
      await host.tool(cwd, "codex_start", { prompt: "x", cwd, context_files: ["../../etc/passwd"] });
    }
  }),
  bad("requests before initialize", async (site, trial) => {
    await using host = new RawHost(site);
    await host.tool(1, "codex_start", { prompt: "say x", cwd: site.state.cwd });
    await host.request(2, "tools/list");
    await host.greet();
    await eventually(() => host.answers(0).length === 1, { what: "the greeting", timeoutMs: 20_000 });
    trial.expect(host.strays.length === 0, "stdout had what is no protocol");
  }),
  bad("half a message, then the end", async (site) => {
    await using host = new RawHost(site);
    await host.greet();
    await host.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"codex_start","argu');
    await host.closeInput();
  }),
  bad("not a front-end: garbage, bombs and silence on the socket", async (site) => {
    const hello = '{"hello":{"protocol":2,"version":"0.2.0","pid":1}}\n';
    await Promise.all([
      onSocket(site, crypto.getRandomValues(new Uint8Array(60_000))),
      onSocket(site, bytes("[".repeat(2_000_000))),
      onSocket(site, bytes(`${hello}${"[".repeat(1_000_000)}\n`)),
      onSocket(site, bytes(`${hello}{"id":1,"method":"__proto__","params":{}}\n`)),
      onSocket(site, bytes(`${hello}{"id":1,"method":"poll","params":{"job_id":"../../../x"}}\n`)),
      onSocket(site, bytes(`${hello}${'{"id":1,"method":"list","params":{}}\n'.repeat(20_000)}`)),
      onSocket(site, bytes(`${hello}{"x":"${"x".repeat(80_000_000)}`)),
    ]);
    const silent = await Promise.all(Array.from({ length: 200 }, () => rawSocket(site)));
    for (const connection of silent) connection.close();
  }),
];
