/**
 * Tests of the program as it is started: real processes, a real daemon, a scripted agent.
 *
 * @module
 */
import assert from "node:assert/strict";
import { removeStateDirectory } from "../../src/cli/uninstall/state_directory.ts";
import { eventually } from "../support/eventually.ts";
import { Executable, MAIN } from "./executable.ts";
import { exists } from "../support/exists.ts";
import { sendSignal } from "../support/signals.ts";

Deno.test("executable: a job from start to result, and what can be seen of it afterwards", async () => {
  await using program = new Executable();
  const task = "say I will look.\nrun echo hello\nchange a.txt\nsay All done.\n";
  const run = await program.run(["run", "-"], task);
  assert.deepEqual([run.code, run.stdout], [
    0,
    `[turn 1: Codex CLI]\n\nI will look.\n\n$ echo hello\n  hello\n[exit 0]\n[added ${program.state.cwd}/a.txt]\n\nAll done.\n\n[turn 1 done]\n`,
  ]);
  assert.match(
    run.stderr,
    /^Job (\w{8}) is running\.\n-- \1 codex done in .* s, 1 file changed, 100 tokens in/,
  );

  const { stdout: listed } = await program.run(["list", "--json"]);
  const { jobs: [{ job_id: id }] } = JSON.parse(listed);
  const result = JSON.parse((await program.run(["show", id.slice(0, 5), "--json"])).stdout);
  assert.deepEqual([result.status, result.result, result.commands_run], ["done", "All done.", 1]);
  assert.match((await program.run(["logs", "last"])).stdout, /\$ echo hello\n {2}hello\n/);
  const events = await program.run(["events", "-f", "--json", "-t", "message", id]);
  assert.deepEqual(events.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).text), [
    "I will look.",
    "All done.",
  ]);

  const reply = await program.run(["reply", "last", "--wait", "say Once more."]);
  assert.equal(reply.code, 0);
  assert.match(reply.stdout, /\nOnce more\.\n/);
  assert.doesNotMatch(reply.stdout, /All done/);
});

Deno.test("executable: exit codes of a failed job, a wait that times out, a cancelled job and no job", async () => {
  await using program = new Executable();
  assert.equal((await program.run(["run", "fail no luck"])).code, 1);
  const id = (await program.run(["start", "wait never"])).stdout.trim();
  assert.equal((await program.run(["wait", id, "--timeout", "0.2"])).code, 3);
  assert.equal((await program.run(["cancel", id])).code, 0);
  assert.equal((await program.run(["wait", id])).code, 1);
  assert.equal((await program.run(["wait", "zzzzzzzz"])).code, 4);
});

Deno.test("executable: SIGINT without a terminal leaves the job of a run running, with exit code 130", async () => {
  await using program = new Executable();
  const child = program.spawn(["run", "say begun\nwait go\nsay over"]);
  await child.stdin.close();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes("begun")) seen += (await reader.read()).value ?? assert.fail("ended early");
  child.kill("SIGINT");
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  await reader.cancel();
  assert.equal(code, 130);
  assert.match(stderr, /Job \w{8} goes on/);
  Deno.writeTextFileSync(`${program.state.cwd}/go`, "");
  assert.deepEqual((await program.run(["wait", "last"])).stdout, "over\n");
});

Deno.test("executable: a reader that leaves early ends a follower in silence", async () => {
  await using program = new Executable();
  await program.run(["start", "say one\nwait go\nsay two"]);
  const child = program.spawn(["logs", "-f", "last"]);
  await child.stdin.close();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  Deno.writeTextFileSync(`${program.state.cwd}/go`, "");
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  assert.deepEqual([code, stderr], [0, ""]);
});

Deno.test("executable: a run whose reader leaves early says that its job goes on", async () => {
  await using program = new Executable();
  const child = program.spawn(["run", "say one\nwait go\nsay two"]);
  await child.stdin.close();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  Deno.writeTextFileSync(`${program.state.cwd}/go`, "");
  const stderr = await new Response(child.stderr).text();
  assert.match(stderr, /^Job (\w{8}) is running\.\nJob \1 goes on: agent-async wait \1, or/);
});

Deno.test({
  name: "executable: a full disk under its output is told as that",
  // Linux alone has a device that is always full.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using program = new Executable();
    const { code, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-c", 'exec "$@" >/dev/full', "sh", Deno.execPath(), "run", "-A", MAIN, "version"],
      env: program.env,
      clearEnv: true,
      stdin: "null",
    }).output();
    assert.equal(code, 1);
    assert.match(
      new TextDecoder().decode(stderr),
      /^agent-async: Cannot write the output: No space left on device[^\n]*\n$/,
    );
  },
});

Deno.test("executable: without arguments and terminal it is the MCP server, and greets without a daemon", async () => {
  for (
    const args of [
      [],
      ["mcp"],
      ["mcp", "--toolsets", "jobs"],
      ["mcp", "-t", "jobs"],
      ["mcp", "--toolsets=jobs"],
      ["--toolsets", "jobs"],
      ["--toolsets=jobs", "--server-name", "aa"],
    ]
  ) {
    await using program = new Executable();
    const request = {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
    };
    const { code, stdout } = await program.run(args, `${JSON.stringify(request)}\n`);
    assert.equal(code, 0, args.join(" "));
    assert.deepEqual(JSON.parse(stdout).result.serverInfo.name, "agent-async");
    assert.ok(!exists(`${program.state.home}/daemon.lock`));
  }
});

Deno.test("executable: daemon start, status and stop; stop leaves running jobs running", async () => {
  await using program = new Executable();
  const status = async () => {
    const { code, stdout } = await program.run(["daemon", "status", "--json"]);
    return { code, ...JSON.parse(stdout) };
  };
  assert.deepEqual(await status(), { code: 1, running: false, home: program.state.home });
  assert.equal((await program.run(["daemon", "start"])).code, 0);
  const id = (await program.run(["start", "say begun\nwait go\nsay over"])).stdout.trim();
  await eventually(async () => (await program.run(["logs", id])).stdout.includes("begun"), {
    what: "a begun job",
  });
  const before = await status();
  assert.deepEqual([before.code, before.running, before.jobs.running], [0, true, 1]);
  assert.match((await program.run(["daemon", "stop"])).stdout, /has left\. 1 running job goes on\.\n/);
  assert.equal((await status()).running, false);
  Deno.writeTextFileSync(`${program.state.cwd}/go`, "");
  const waited = await program.run(["wait", id]);
  assert.deepEqual([waited.code, waited.stdout], [0, "over\n"]);
  assert.notEqual((await status()).pid, before.pid);
});

Deno.test("executable: a configuration that cannot be used refuses what starts work, and the rest goes on and warns", async () => {
  await using program = new Executable();
  Deno.writeTextFileSync(`${program.state.home}/config.json`, '{\n  "limits": { "totl": 1 }\n}');
  const fault =
    /config\.json: limits\.totl: no such key \(did you mean total\?\); allowed here: total, depth/;
  const start = await program.run(["start", "say hello"]);
  assert.equal(start.code, 1);
  assert.match(start.stderr, fault);
  const list = await program.run(["list"]);
  assert.equal(list.code, 0);
  assert.match(list.stderr, fault);
});

Deno.test("executable: a time zone that is empty, a bare reference or of no place is none", async () => {
  await using program = new Executable();
  for (const TZ of ["", "${TZ}", "Nowhere/None"]) {
    program.env["TZ"] = TZ;
    const { code, stdout, stderr } = await program.run(["stats", "--json"]);
    assert.deepEqual([code, stderr], [0, ""], TZ);
    assert.doesNotThrow(() => Intl.DateTimeFormat("en", { timeZone: JSON.parse(stdout).time_zone }), TZ);
  }
});

Deno.test("executable: without a terminal and without a message, it says what it waited for", async () => {
  await using program = new Executable();
  const { code, stdout, stderr } = await program.run([]);
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(stderr, /standard input ended before any message of an MCP host came/);
});

Deno.test("executable: everything that it has put into its state directory is known as its own when it goes", async () => {
  await using program = new Executable();
  assert.equal((await program.run(["run", "say hello"])).code, 0);
  const { pid } = JSON.parse((await program.run(["daemon", "status", "--json"])).stdout);
  sendSignal(pid, "SIGKILL");
  assert.equal((await program.run(["list"])).code, 0);
  assert.equal((await program.run(["daemon", "stop"])).code, 0);
  const names = [...Deno.readDirSync(program.state.home)].map(({ name }) => name).sort();
  assert.ok(names.includes("queue.ledger") && names.includes("config.last.json"), names.join(" "));
  const copy = `${program.state.home}-copy`;
  Deno.mkdirSync(copy);
  for (const name of names) Deno.writeTextFileSync(`${copy}/${name}`, "");
  assert.deepEqual(removeStateDirectory(copy), { isRemoved: true, foreign: [] });
});
