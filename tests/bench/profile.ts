/**
 * Benchmark: where the daemon's thread spends its time while 200 short jobs go through 4 slots, as V8's sampling
 * profiler tells it: `deno task bench --profile`.
 *
 * @module
 */
import { z } from "zod";
import { V8_FLAGS } from "../../src/daemon/serve/v8_flags.ts";
import { eventually } from "../support/eventually.ts";
import { daemonPid } from "../support/program.ts";
import { BenchHome } from "./bench_home.ts";
import type { McpSession } from "./mcp_session.ts";
import type { Program } from "./programs.ts";

const JOBS = 200;
const SLOTS = 4;

/** Microseconds between two samples. */
const INTERVAL_US = 100;

/** Lines of each table. */
const SHOWN = 15;

const Frame = z.object({ functionName: z.string(), url: z.string() });
type Frame = z.infer<typeof Frame>;

const Profile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: Frame, children: z.array(z.number()).optional() })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
type Profile = z.infer<typeof Profile>;

/** Two tables of ms a job: by what is done, and by the file of ours that has it done. */
export async function profileText(program: Program): Promise<string> {
  const profile = await profiled(program);
  const [kinds, files] = [new Map<string, number>(), new Map<string, number>()];
  for (const { stack, ms } of stacksOf(profile)) {
    const kind = kindOf(stack);
    if (kind === "idle") continue;
    const file = stack.find(({ url }) => url.includes("/src/"))?.url.replace(/^.*\/src\//, "");
    add(kinds, kind, ms / JOBS);
    add(files, file ?? "none of ours on the stack", ms / JOBS);
  }
  return [
    `ms of the daemon's thread for each of ${JOBS} jobs of 50 ms through ${SLOTS} slots, by what is done:`,
    ...linesOf(kinds),
    "and by the file of ours that has it done:",
    ...linesOf(files),
  ].join("\n");
}

/** A daemon of its own with an inspector, which is asked by its protocol. */
async function profiled([command, ...args]: Program): Promise<Profile> {
  await using home = new BenchHome({ config: { limits: { total: SLOTS } } });
  const inspect = ["--inspect=127.0.0.1:0", ...args.slice(1)];
  const daemon = new Deno.Command(command, {
    args: ["run", ...inspect, "daemon", "run"],
    env: { ...home.env, AGENT_ASYNC_HOME: home.state.home, DENO_V8_FLAGS: V8_FLAGS },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  // It is reaped, so that its end is seen.
  void daemon.status;
  const inspector = await Inspector.at(await addressIn(daemon.stderr));
  // A host that finds none would start another one.
  await eventually(() => daemonPid(home.state) === daemon.pid, { what: "the daemon" });
  await using host = await home.connectedHost([command, ...args]);
  await runJobs(home, host);
  await inspector.ask("Profiler.enable");
  await inspector.ask("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await inspector.ask("Profiler.start");
  await runJobs(home, host);
  const { profile } = z.object({ profile: Profile }).parse(await inspector.ask("Profiler.stop"));
  inspector.close();
  return profile;
}

async function runJobs(home: BenchHome, host: McpSession): Promise<void> {
  const starts = Array.from({ length: JOBS }, () => home.start(host, "sleep 0.05"));
  await host.call("job_wait", { job_ids: await Promise.all(starts), mode: "all", timeout_seconds: 100 });
}

/** The address of the inspector, which Deno prints to stderr; the rest of it is read and dropped. */
async function addressIn(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const read = stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({ write: (part) => void (text += part) }),
  );
  read.catch(() => {});
  return await eventually(() => /ws:\/\/\S+/.exec(text)?.[0], { what: "the inspector" });
}

class Inspector {
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, (result: unknown) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, result } = JSON.parse(data);
      this.#asked.get(id)?.(result);
    };
  }

  static async at(address: string): Promise<Inspector> {
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new Inspector(socket);
  }

  ask(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#asked.set(id, resolve));
  }

  close(): void {
    this.#socket.close();
  }
}

/** The frames of each sample from the innermost one out, with the ms that it stands for. */
function* stacksOf({ nodes, samples, timeDeltas }: Profile): Generator<{ stack: Frame[]; ms: number }> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  for (const [index, sample] of samples.entries()) {
    const stack: Frame[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = callers.get(id)) {
      const node = byId.get(id);
      if (node !== undefined) stack.push(node.callFrame);
    }
    yield { stack, ms: (timeDeltas[index] ?? 0) / 1_000 };
  }
}

function kindOf(stack: readonly Frame[]): string {
  const [{ functionName, url } = { functionName: "", url: "" }] = stack;
  if (functionName === "(idle)") return "idle";
  if (functionName === "(garbage collector)") return "collecting garbage";
  if (functionName === "(program)") return "the runtime's own loop";
  if (stack.some((frame) => frame.functionName === "spawnProcess")) return "starting a process";
  if (stack.some((frame) => /^buildCustomError$|^NotFound$/.test(frame.functionName))) {
    return "exceptions of what is missing";
  }
  if (/^op_kv_/.test(functionName) || stack.some((frame) => frame.url.startsWith("ext:deno_kv"))) {
    return "Deno.Kv";
  }
  if (/^op_(?:node_)?(?:fs_|open|write_sync)/.test(functionName)) return "calls of the file system";
  if (/^op_/.test(functionName)) return "other calls of the system";
  if (url.includes("/zod/")) return "checking shapes (zod)";
  if (url.includes("/src/")) return "our own code";
  return "the runtime's JavaScript";
}

function add(sums: Map<string, number>, name: string, ms: number): void {
  sums.set(name, (sums.get(name) ?? 0) + ms);
}

function linesOf(sums: ReadonlyMap<string, number>): string[] {
  const total = sums.values().reduce((sum, ms) => sum + ms, 0);
  const sorted = [...sums].toSorted((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return [...sorted, ["in all", total] as const].map(([name, ms]) =>
    `  ${ms.toFixed(2).padStart(6)}  ${name}`
  );
}
