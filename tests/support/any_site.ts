/**
 * Test support: a state directory of a test's own, and the whole program in it, with nothing that only some systems
 * have: no shell, no signals but SIGKILL, no `/proc`. Its agents are programs of Deno.
 *
 * @module
 */
import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import type { Endpoint } from "../../src/daemon/endpoint/endpoint.ts";
import { prepareEndpoint } from "../../src/daemon/endpoint/prepare_endpoint.ts";
import { connectOrStart } from "../../src/daemon/reach/connect_or_start.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import { systemClock } from "../../src/system/clock.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { eventually, PATIENCE_MS } from "./eventually.ts";
import { fromFileUrl } from "./from_file_url.ts";
import type { ProgramOutput } from "./program.ts";
import { sendSignal } from "./signals.ts";

const file = (path: string) => fromFileUrl(new URL(path, import.meta.url));

const MAIN = file("../../main.ts");

/** The version of the front-ends of tests: no daemon is asked to make room for it. */
const VERSION = "0.0.1";

const DENO = ["run", "--no-config", "--no-lock", "-A"];

/** An agent that prints text: `tests/fixtures/agents/plain_agent.ts`. */
const PLAIN = {
  command: Deno.execPath(),
  args: [...DENO, file("../fixtures/agents/plain_agent.ts")],
  version_args: ["--version"],
};

/** An agent that is talked with: `tests/fixtures/agents/acp/plain.ts`. */
const TALKING = {
  command: Deno.execPath(),
  args: [...DENO, file("../fixtures/agents/acp/plain.ts")],
  version_args: ["--version"],
  output: "acp",
};

/** How the daemon is put together. */
export interface SiteKind {
  readonly command: readonly string[];
  readonly endpoint: (home: string) => Promise<Endpoint>;
}

/** As this system does it. */
export const NATIVE: SiteKind = { command: [MAIN, "daemon", "run"], endpoint: prepareEndpoint };

/** As Windows does it, on whatever system: at a port, and with processes of this program around its agents. */
export const AS_ON_WINDOWS: SiteKind = {
  command: [file("../fixtures/as_on_windows_main.ts")],
  endpoint: ENDPOINTS.loopback,
};

/** Runs a test on this system's kind of daemon, and a second time as it is on Windows, where that is the first. */
export function testKinds(name: string, fn: (kind: SiteKind) => Promise<void>): void {
  Deno.test(`any system, native: ${name}`, () => fn(NATIVE));
  Deno.test({
    name: `any system, as on Windows: ${name}`,
    ignore: Deno.build.os === "windows",
    fn: () => fn(AS_ON_WINDOWS),
  });
}

export interface SiteOptions {
  readonly kind?: SiteKind;
  /** Where it is made; the system's place for temporary files unless given. */
  readonly within?: string;
  /** Of its directory's name. */
  readonly prefix?: string;
  /** How a path is spelled, for the state directory and for those in which jobs work. */
  readonly spelled?: (path: string) => string;
  /** Directories between its own and the state directory, separated by slashes. */
  readonly deeper?: string;
  /** A directory before those of PATH. */
  readonly path?: string;
  /** Further agents of the configuration. */
  readonly agents?: Record<string, unknown>;
  /** What becomes of the text of the configuration. */
  readonly written?: (text: string) => string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly cwd?: string;
  /** Variables beside those of the site. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether its streams are pipes; without it, it has none. */
  readonly hears?: boolean;
}

export class AnySite implements AsyncDisposable {
  readonly root: string;
  readonly home: string;
  readonly service: RemoteService;
  readonly #kind: SiteKind;
  readonly #path: string | undefined;
  readonly #spelled: (path: string) => string;

  constructor(options: SiteOptions = {}) {
    const { kind = NATIVE, within, prefix = "aa-any-", spelled = (path) => path, agents = {} } = options;
    const { deeper = "" } = options;
    const place = within === undefined ? { prefix } : { prefix, dir: within };
    this.root = Deno.realPathSync(Deno.makeTempDirSync(place));
    this.#kind = kind;
    this.#path = options.path;
    this.#spelled = spelled;
    const home = join(this.root, deeper, "state");
    Deno.mkdirSync(home, { recursive: true });
    const config = JSON.stringify({ agents: { plain: PLAIN, talking: TALKING, ...agents } }, null, 2);
    Deno.writeTextFileSync(join(home, "config.json"), (options.written ?? ((text) => text))(config));
    this.home = spelled(home);
    this.service = this.client();
  }

  /** The environment of the program: that of this process, with a home and a state directory of its own. */
  get env(): Record<string, string> {
    const given = Deno.env.toObject();
    const own = Object.entries(given).filter(([name]) => !name.startsWith("AGENT_ASYNC_"));
    const path = given["PATH"] ?? given["Path"] ?? "";
    return {
      ...Object.fromEntries(own.filter(([name]) => name.toUpperCase() !== "PATH")),
      PATH: this.#path === undefined ? path : `${this.#path}${delimiter}${path}`,
      // Deno finds its cache by the home directory.
      DENO_DIR: given["DENO_DIR"] ?? denoDirectory(given),
      HOME: this.root,
      USERPROFILE: this.root,
      AGENT_ASYNC_HOME: this.home,
      NO_COLOR: "1",
    };
  }

  /** The program's main module. */
  get main(): readonly [string] {
    return [MAIN];
  }

  /** A front-end of its own, which starts a daemon where there is none. */
  client(): RemoteService {
    const { command, endpoint } = this.#kind;
    const connection = {
      home: this.home,
      version: VERSION,
      clock: systemClock,
      command: [Deno.execPath(), "run", "-A", "--no-check", ...command],
      env: this.env,
      endpoint: (home: string) => this.#asItsOwn(() => endpoint(home)),
      // Tests are patient: a machine may be busy with others.
      startTimeoutMs: PATIENCE_MS,
    };
    return new RemoteService({
      clock: systemClock,
      connect: (signal) => connectOrStart({ ...connection, signal }),
    });
  }

  /** A directory for a job to work in, made when it is not there. */
  workspace(name: string): string {
    const path = join(this.root, name);
    Deno.mkdirSync(path, { recursive: true });
    return this.#spelled(path);
  }

  /** Starts a job. */
  async start(prompt: string, name: string, others: Record<string, unknown> = {}): Promise<string> {
    const origin = { env: this.env, session: "test" };
    const request = { agent: "plain", prompt, cwd: this.workspace(name), origin, ...others };
    return (await this.service.start(request)).job_id;
  }

  async ended(jobId: string) {
    const { jobs: [job] } = await this.service.wait({ job_ids: [jobId], timeout_seconds: 100 });
    assert.ok(job !== undefined, JSON.stringify(await this.service.poll({ job_id: jobId })));
    return job;
  }

  /** Who the plain agent and its child are, once they have said it. */
  async family(jobId: string): Promise<number[]> {
    const said = () => this.service.transcript({ job_id: jobId });
    const [, ...pids] = await eventually(async () => /pids (\d+) (\d+)/.exec((await said()).text), {
      what: "the agent and its child",
    });
    return pids.map(Number);
  }

  /** Starts the program. */
  spawn(
    args: readonly string[],
    { cwd = this.root, env = {}, hears = false }: RunOptions = {},
  ): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", MAIN, ...args],
      env: { ...this.env, ...env },
      clearEnv: true,
      cwd,
      stdin: hears ? "piped" : "null",
      stdout: hears ? "piped" : "null",
      stderr: hears ? "piped" : "null",
    }).spawn();
  }

  /** Runs one command of the program to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<ProgramOutput> {
    const child = this.spawn(args, { ...options, hears: true });
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.stdin ?? "")).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** What a command that must succeed has printed. */
  async said(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Kills the daemon and waits until another serves. */
  async killDaemon(): Promise<void> {
    const { pid } = await this.service.status();
    sendSignal(pid, "SIGKILL");
    await eventually(async () => (await this.service.status()).pid !== pid, { what: "the next daemon" });
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

  /** On Windows a state directory is trusted by the profile of this process, which is this site's. */
  async #asItsOwn(prepare: () => Promise<Endpoint>): Promise<Endpoint> {
    const profile = Deno.env.get("USERPROFILE");
    if (profile === undefined) return await prepare();
    Deno.env.set("USERPROFILE", this.root);
    try {
      return await prepare();
    } finally {
      Deno.env.set("USERPROFILE", profile);
    }
  }
}

/** Where Deno keeps its cache when no variable says it. */
function denoDirectory(env: Readonly<Record<string, string>>): string {
  switch (Deno.build.os) {
    case "windows":
      return join(env["LOCALAPPDATA"] ?? "", "deno");
    case "darwin":
      return join(env["HOME"] ?? "", "Library", "Caches", "deno");
    default:
      return join(env["XDG_CACHE_HOME"] ?? join(env["HOME"] ?? "", ".cache"), "deno");
  }
}
