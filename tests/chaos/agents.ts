/**
 * Chaos, family "agents": every misbehaviour in the words of every agent, beside one that behaves. What may come of
 * it is one wrong job, truthfully told; never a daemon, another job or a process that stays.
 *
 * @module
 */
import { BUILT_IN_DRIVERS } from "../../src/agents/builtin.ts";
import { isFinished } from "../../src/domain/job/reason.ts";
import type { JobResult } from "../../src/domain/job/result.ts";
import type { RemoteService } from "../../src/service/remote/service.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { hasControls } from "./controls.ts";
import type { Fault, Trial } from "./fault.ts";
import { type Misbehaviour, MISBEHAVIOURS } from "./misbehaviours.ts";
import { insist } from "./observers.ts";
import { pause } from "./processes.ts";
import type { Site } from "./site.ts";
import { exists } from "../support/exists.ts";
import { signalIfAlive } from "../support/signals.ts";

const AGENT = fromFileUrl(new URL("../fixtures/agents/misbehaving/agent.sh", import.meta.url));

/** By the name of the executable: agent-async's name for it. */
const EXECUTABLES = {
  "codex": "codex",
  "gemini": "gemini",
  "claude": "claude",
  "cursor-agent": "cursor",
  "texter": "text",
  "liner": "lines",
};

/** Two agents of the user's own: one prints text, the other lines of JSON. */
const OWN_AGENTS = {
  text: { command: "texter", output: "text", args: [] },
  lines: {
    command: "liner",
    output: "jsonl",
    args: [],
    events: [
      { type: "session", when: { kind: "begin" }, text: "session" },
      { type: "message", when: { kind: "says" }, text: "text" },
      { type: "error", when: { kind: "error" }, text: "message" },
      { type: "result", when: { kind: "end", ok: "true" } },
    ],
  },
};

/** Those that this version of the program has. */
const AGENTS = Object.values(EXECUTABLES).filter((name) =>
  Object.hasOwn(OWN_AGENTS, name) || BUILT_IN_DRIVERS.some((driver) => driver.name === name)
);

/** Ms that a job may take to end. */
const END_MS = 90_000;

export function agentSite(trial: Trial): Site {
  const site = trial.site({
    config: {
      limits: { total: 20, output_bytes: 12 * 2 ** 20 },
      timeouts: { exit_grace_seconds: 1 },
      agents: OWN_AGENTS,
    },
  });
  const bin = site.workspace("bin");
  for (const [executable, name] of Object.entries(EXECUTABLES)) {
    const path = `${bin}/${executable}`;
    Deno.writeTextFileSync(path, `#!/bin/sh\nexec /bin/sh '${AGENT}' ${name} "$@"\n`, { mode: 0o755 });
    Deno.chmodSync(path, 0o755);
  }
  site.state.env.PATH = `${bin}:${site.state.env.PATH}`;
  return site;
}

interface Started {
  agent: string;
  id: string;
  cwd: string;
}

async function start(
  site: Site,
  client: RemoteService,
  options: { agent: string; does: readonly string[]; timeoutSeconds?: number | undefined },
): Promise<Started> {
  const { agent, does, timeoutSeconds } = options;
  const cwd = site.workspace(`work-${crypto.randomUUID()}`);
  const { job_id } = await client.start({
    agent,
    cwd,
    prompt: ["Misbehave.", ...does.map((line) => `do ${line}`)].join("\n"),
    approval_policy: "full-auto",
    origin: { env: site.state.env, session: "chaos" },
    ...(timeoutSeconds === undefined ? {} : { timeout_seconds: timeoutSeconds }),
  });
  return { agent, id: job_id, cwd };
}

/** Polls a job until it has ended; daemons may die meanwhile. */
async function endOf(client: RemoteService, id: string): Promise<JobResult> {
  const signal = AbortSignal.timeout(END_MS);
  for (;;) {
    const { jobs } = await insist(
      () => client.wait({ job_ids: [id], timeout_seconds: 10 }, { signal }),
      signal,
    );
    const [job] = jobs;
    if (job !== undefined && isFinished(job.status)) return job;
  }
}

async function check(
  trial: Trial,
  client: RemoteService,
  started: Started,
  deed: Misbehaviour,
): Promise<void> {
  const name = `${started.agent} ${deed.name} (${started.id})`;
  trial.findings.jobs += 1;
  let job: JobResult;
  try {
    job = await endOf(client, started.id);
  } catch (error) {
    const { status } = await client.poll({ job_id: started.id }).catch(() => ({ status: "unknown" }));
    return trial.find("lost", `${name} did not end: it is ${status}: ${error}`);
  }
  const { becomes } = deed;
  if (becomes !== "ended") {
    const isRight = job.status === becomes.status && job.reason === becomes.reason &&
      (becomes.exitCode === undefined || job.exit_code === becomes.exitCode) &&
      (becomes.result === undefined || job.result === becomes.result);
    trial.expect(
      isRight,
      `${name} became ${job.status}/${job.reason}, exit ${job.exit_code}: ${job.error ?? job.result}`,
    );
  }
  // Whoever writes into the transcript himself can write what he likes.
  const isDirty = becomes !== "ended" && (hasControls(job.output) || hasControls(job.error ?? ""));
  trial.expect(!isDirty, `${name}: its output has control characters`);
}

/** One misbehaviour in all agents' words, and an innocent job beside it. */
async function misbehave(trial: Trial, deed: Misbehaviour, options: { killsDaemon: boolean }): Promise<void> {
  const site = agentSite(trial);
  const client = site.client();
  const agents = AGENTS.filter((agent) => deed.notIn?.includes(agent) !== true);
  const innocent = await start(site, client, {
    agent: "codex",
    does: ["open", "sleep 1", "say fine", "succeed"],
  });
  const started: Started[] = [];
  for (const agent of agents) {
    started.push(await start(site, client, { agent, does: deed.does, timeoutSeconds: deed.timeoutSeconds }));
  }
  if (options.killsDaemon) {
    await pause(trial.random.below(400));
    const pid = site.daemon();
    if (pid !== null) signalIfAlive(pid, "SIGKILL");
  }
  if (deed.cancelled === true) await Promise.all(started.map((one) => cancel(trial, client, one)));
  await Promise.all(started.map((one) => check(trial, client, one, deed)));
  await check(trial, client, innocent, {
    name: "behaves beside it",
    does: [],
    becomes: { status: "done", reason: "completed", exitCode: 0, result: "fine" },
  });
  const ids = new Set([innocent.id, ...started.map(({ id }) => id)]);
  for (const process of site.jobProcesses(ids)) trial.find("left", `${deed.name}: ${process}`);
  const { running, pending_count } = await client.queue({
    origin: { env: site.state.env, session: "chaos" },
  });
  trial.expect(running.length + pending_count === 0, `${deed.name}: slots are held`);
  const panics = site.log().filter((line) => /survived|scheduling failed|unexpected/i.test(line));
  for (const line of panics) trial.find("wrong", `${deed.name}: logged ${line}`);
}

async function cancel(trial: Trial, client: RemoteService, { id, cwd, agent }: Started): Promise<void> {
  await eventually(() => exists(`${cwd}/ready`), { what: `${agent} to be ready`, timeoutMs: 20_000 });
  const signal = AbortSignal.timeout(END_MS);
  const { status } = await insist(() => client.cancel({ job_id: id }, { signal }), signal);
  trial.expect(status === "cancelled", `cancel of ${agent} answered ${status}`);
}

/**
 * Fatal signals but those that a shell in the background has its children ignore (2, 3), and some exit codes from the whole range; 2, 126 and 127 mean something.
 */
const SIGNALS = [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 30, 31];
const CODES = [1, 3, 63, 64, 100, 124, 125, 128, 129, 130, 137, 143, 200, 254, 255];

async function everyEnd(trial: Trial): Promise<void> {
  const site = agentSite(trial);
  const client = site.client();
  const deeds: Misbehaviour[] = [
    ...CODES.map((code) => ({
      name: `exits ${code}`,
      does: ["open", "say x", `exit ${code}`],
      becomes: { status: "error" as const, reason: "exit_code", exitCode: code },
    })),
    ...SIGNALS.map((signal) => ({
      name: `dies of signal ${signal}`,
      does: ["open", "say x", `kill -${signal} $$`, "sleep 5"],
      becomes: { status: "error" as const, reason: "exit_code", exitCode: 128 + signal },
    })),
  ];
  for (const deed of deeds) {
    // One agent for each: what an exit record says is the same for all. Codex explains no code in words of its own.
    const started = await start(site, client, { agent: "codex", does: deed.does });
    await check(trial, client, started, deed);
  }
}

export const AGENT_FAULTS: readonly Fault[] = [
  ...MISBEHAVIOURS.map((deed): Fault => ({
    name: deed.name,
    family: "agents",
    kind: "once",
    attempt: (trial) => misbehave(trial, deed, { killsDaemon: false }),
  })),
  { name: "exits with every code and signal", family: "agents", kind: "once", attempt: everyEnd },
  {
    name: "any of these, and kill -9 of the daemon",
    family: "agents",
    kind: "round",
    attempt: (trial) => misbehave(trial, trial.random.pick(MISBEHAVIOURS), { killsDaemon: true }),
  },
];
