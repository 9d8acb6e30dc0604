/**
 * Chaos, family "security": another user of the machine, planted links, paths that change between check and use,
 * secrets that must not be seen.
 *
 * @module
 */
import { socketPathNow } from "../../src/daemon/endpoint/socket_path.ts";
import { eventually } from "../support/eventually.ts";
import { runProgram } from "../support/program.ts";
import { hasControls } from "./controls.ts";
import type { Fault, Trial } from "./fault.ts";
import { hasProgram } from "../support/has_program.ts";
import { processIds } from "./processes.ts";
import type { Site } from "./site.ts";

/** In the environment of a job: no file has it when the job has ended. */
const SECRET = "sk-chaos-0123456789abcdefghijklmnopqrstuv";

/** In a prompt, which the job's records and files keep. */
const PROMPTED = "sk-prompt-0123456789abcdefghijklmnopqrst";

/** What `nobody` gets to see of it: exit code 0 when the attempt has succeeded. */
async function asNobody(...command: string[]): Promise<boolean> {
  const { success } = await new Deno.Command("setpriv", {
    args: ["--reuid=65534", "--regid=65534", "--clear-groups", ...command],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

async function anotherUser(trial: Trial): Promise<void> {
  const site = trial.site();
  // The test's own directory is private: it must not be what protects the state directory.
  const root = site.home.slice(0, site.home.lastIndexOf("/"));
  Deno.chmodSync(root, 0o755);
  const { client, id } = await startHanging(trial, site);
  const socket = await socketPathNow(site.home) ?? "";
  trial.expect(await asNobody("ls", root), "the attempt proves nothing: even the parent is closed");
  const own = [site.home, `${site.home}/jobs/${id}`, `${site.home}/environments`];
  for (const path of own) trial.expect(!await asNobody("ls", path), `nobody can list ${path}`);
  for (
    const file of [
      "queue.db",
      "daemon.log",
      "config.json",
      `jobs/${id}/turns/1/prompt.md`,
      `environments/${id}.1`,
    ]
  ) {
    trial.expect(!await asNobody("cat", `${site.home}/${file}`), `nobody can read ${file}`);
  }
  const connects = await asNobody(
    "perl",
    "-MIO::Socket::UNIX",
    "-e",
    "exit !IO::Socket::UNIX->new(Peer => shift)",
    socket,
  );
  trial.expect(!connects, "nobody can connect to the socket");
  const isReachable = await new Deno.Command("perl", {
    args: ["-MIO::Socket::UNIX", "-e", "exit !IO::Socket::UNIX->new(Peer => shift)", socket],
  }).output();
  trial.expect(isReachable.success, "the attempt proves nothing: not even the owner can connect");
  for (const path of filesBelow(site.home)) {
    const mode = (Deno.lstatSync(path).mode ?? 0) & 0o777;
    trial.expect((mode & 0o077) === 0 || path === socket, `${path} has the mode ${mode.toString(8)}`);
  }
  await client.cancel({ job_id: id });
}

async function startHanging(trial: Trial, site: Site) {
  trial.findings.jobs += 1;
  const client = site.client();
  const { job_id: id } = await client.start({
    agent: "codex",
    prompt: `say the secret is not ${PROMPTED}\nwait never`,
    cwd: site.state.cwd,
    origin: { env: { ...site.state.env, OPENAI_API_KEY: SECRET }, session: "chaos" },
  });
  await eventually(async () => (await client.poll({ job_id: id })).output.includes("the secret is not"), {
    what: "the job to run",
  });
  return { client, id };
}

async function secrets(trial: Trial): Promise<void> {
  const site = trial.site();
  const { client, id } = await startHanging(trial, site);
  for (const pid of processIds()) {
    try {
      const line = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
      const isTold = line.includes(SECRET) || line.includes(PROMPTED);
      trial.expect(!isTold, `the command line of ${line.slice(0, 60)} has a secret`);
    } catch {
      // Gone.
    }
  }
  await client.cancel({ job_id: id });
  await eventually(() => [...Deno.readDirSync(`${site.home}/environments`)].length === 0, {
    what: "no environment",
  });
  const log = site.log().join("\n");
  trial.expect(!log.includes(SECRET) && !log.includes(PROMPTED), "the log has a secret");
  const withPrompt = [
    "prompt.md",
    "raw.jsonl",
    "events.jsonl",
    "output.txt",
    "outcome.json",
    "job.json",
    "queue.db",
    "queue.db-wal",
    "queue.ledger",
  ];
  for (const path of filesBelow(site.home)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!Deno.lstatSync(path).isFile) continue;
    const text = Deno.readTextFileSync(path);
    trial.expect(!text.includes(SECRET), `${path} has a secret of the environment`);
    trial.expect(withPrompt.includes(name) || !text.includes(PROMPTED), `${path} has a secret of the prompt`);
  }
}

function* filesBelow(path: string): Generator<string> {
  for (const entry of Deno.readDirSync(path)) {
    const inner = `${path}/${entry.name}`;
    yield inner;
    if (entry.isDirectory) yield* filesBelow(inner);
  }
}

async function plantedLinks(trial: Trial): Promise<void> {
  for (const name of ["jobs", "exits", "environments"]) {
    const site = trial.site();
    const elsewhere = site.workspace("elsewhere");
    Deno.writeTextFileSync(`${elsewhere}/precious`, "precious");
    Deno.symlinkSync(elsewhere, `${site.home}/${name}`);
    const said = await site.client({ startTimeoutMs: 15_000 }).list({}).then(() => "nothing", String);
    trial.expect(/symbolic link/.test(said), `of a link for ${name} the client is told: ${said}`);
    trial.expect(
      Deno.readTextFileSync(`${elsewhere}/precious`) === "precious",
      "what the link leads to was changed",
    );
  }
}

/** Into a directory that was open to others for a while. */
async function plantedFiles(trial: Trial): Promise<void> {
  for (const name of ["daemon.lock", "daemon.log", "daemon.stderr"]) {
    for (const link of [Deno.symlinkSync, Deno.linkSync]) {
      const site = trial.site();
      const victim = `${site.workspace("elsewhere")}/precious`;
      Deno.writeTextFileSync(victim, "precious");
      link(victim, `${site.home}/${name}`);
      const said = await site.client({ startTimeoutMs: 15_000 }).list({}).then(() => "nothing", String);
      trial.expect(
        said.includes(name) && /link/.test(said),
        `of a link for ${name} the client is told: ${said}`,
      );
      trial.expect(Deno.readTextFileSync(victim) === "precious", `what ${name} leads to was changed`);
    }
  }
}

async function changedCwd(trial: Trial): Promise<void> {
  const site = trial.site({ config: { limits: { total: 1 } } });
  const [good, evil] = [site.workspace("good"), site.workspace("evil")];
  const cwd = `${site.workspace("links")}/cwd`;
  Deno.symlinkSync(good, cwd);
  const client = site.client();
  const origin = { env: site.state.env, session: "chaos" };
  const first = await client.start({ agent: "codex", prompt: "wait go", cwd: site.state.cwd, origin });
  const second = await client.start({ agent: "codex", prompt: "change made", cwd, origin });
  trial.findings.jobs += 2;
  Deno.removeSync(cwd);
  Deno.symlinkSync(evil, cwd);
  Deno.writeTextFileSync(`${site.state.cwd}/go`, "");
  await client.wait({ job_ids: [first.job_id, second.job_id], mode: "all", timeout_seconds: 30 });
  const inEvil = [...Deno.readDirSync(evil)].map(({ name }) => name);
  trial.expect(inEvil.length === 0, `the job worked where the link leads now: ${inEvil}`);
}

async function contextFiles(trial: Trial): Promise<void> {
  const site = trial.site();
  const client = site.client();
  const outside = `${site.workspace("outside")}/secret`;
  Deno.writeTextFileSync(outside, "outside");
  Deno.symlinkSync(outside, `${site.state.cwd}/link`);
  Deno.symlinkSync(site.workspace("outside"), `${site.state.cwd}/dir`);
  await new Deno.Command("mkfifo", { args: [`${site.state.cwd}/fifo`] }).output();
  for (
    const file of ["link", "dir/secret", "../outside/secret", outside, "/etc/passwd", "fifo", "/dev/zero"]
  ) {
    const said = await client.start({
      agent: "codex",
      prompt: "x",
      cwd: site.state.cwd,
      context_files: [file],
      origin: { env: site.state.env, session: "chaos" },
    }).then(() => "nothing", String);
    trial.expect(said.includes(file), `of the context file ${file} the caller is told: ${said}`);
  }
}

async function escapes(trial: Trial): Promise<void> {
  const site = trial.site();
  const client = site.client();
  const { job_id } = await client.start({
    agent: "codex",
    prompt: [
      "raw \u001b]0;owned\u0007\u001b[2J",
      "say a\u001b[31mb\u009b2Jc\u0007",
      "run printf '\\033[2J\\033]52;c;eA==\\007'",
    ].join("\n"),
    cwd: site.state.cwd,
    origin: { env: site.state.env, session: "chaos" },
  });
  trial.findings.jobs += 1;
  await client.wait({ job_ids: [job_id], timeout_seconds: 30 });
  for (const args of [["logs", job_id], ["show", job_id], ["list"], ["events", job_id], ["status"]]) {
    const { stdout, stderr } = await runProgram(site.state, args);
    trial.expect(!hasControls(stdout + stderr), `${args[0]} prints control characters`);
  }
}

function once(name: string, attempt: Fault["attempt"], cannot?: () => string | null): Fault {
  return { name, family: "security", kind: "once", attempt, ...(cannot === undefined ? {} : { cannot }) };
}

function cannotBeNobody(): string | null {
  return Deno.uid() === 0 && hasProgram("setpriv") && hasProgram("perl")
    ? null
    : "being another user needs root, setpriv and perl";
}

export const SECURITY_FAULTS: readonly Fault[] = [
  once("another user of the machine", anotherUser, cannotBeNobody),
  once("secrets in argv, logs and files", secrets),
  once("links planted in the state directory", plantedLinks),
  once("links planted in the place of files", plantedFiles),
  once("cwd changes between check and use", changedCwd),
  once("context files that lead elsewhere", contextFiles),
  once("escape sequences on the command line", escapes),
];
