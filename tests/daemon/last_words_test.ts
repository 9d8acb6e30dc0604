/**
 * What a daemon says when it dies reaches the log.
 *
 * @module
 */
import assert from "node:assert/strict";
import { forgetLastWords, logLastWords, readLastWords } from "../../src/daemon/serve/last_words.ts";
import { spawnDaemon } from "../../src/daemon/reach/spawn_daemon.ts";
import { type Log, silentLog } from "../../src/system/log.ts";
import { runProgram } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";

/** Its entries, as level, message and error. */
function gatheringLog(entries: unknown[]): Log {
  return { ...silentLog, error: (message, fields) => entries.push([message, fields?.error]) };
}

/** A daemon does not keep the one who started it alive. */
async function ended<Status>(status: Promise<Status>): Promise<Status> {
  const awake = setInterval(() => {}, 1_000);
  return await status.finally(() => clearInterval(awake));
}

Deno.test("a daemon that dies says why in the log of the next one, once", async () => {
  await using state = makeStateHome();
  const { home, env } = state;
  const script = "umask; echo 'Download something'; printf '\\033[31mthread panicked\\033[0m\\n at x\\n'";
  const command = ["/bin/sh", "-c", `{ ${script}; } >&2; exit 101`];
  const { code } = await ended(spawnDaemon({ command, env, home }));
  assert.equal(code, 101);
  const umask = Deno.umask().toString(8).padStart(4, "0");
  assert.equal(readLastWords(home), `${umask}\nthread panicked\n at x`, "its umask is ours");
  assert.equal((Deno.statSync(`${home}/daemon.stderr`).mode ?? 0) & 0o777, 0o600);
  const entries: unknown[] = [];
  logLastWords(home, gatheringLog(entries));
  assert.deepEqual(entries, [["an earlier daemon died and said", `${umask}\nthread panicked\n at x`]]);
  logLastWords(home, gatheringLog(entries));
  assert.equal(entries.length, 1);
});

Deno.test("a shell that comes before the daemon is given nothing that it could choke on", async () => {
  await using state = makeStateHome();
  const { home } = state;
  const hostile = { OPTIND: "", IFS: "x", SHELLOPTS: "noexec", "BASH_FUNC_exec%%": "() { exit 9; }" };
  const command = ["/bin/sh", "-c", 'test "$KEPT" = yes && exit 5'];
  const env = { ...state.env, ...hostile, KEPT: "yes" };
  assert.equal((await ended(spawnDaemon({ command, env, home, spawns: false }))).code, 5);
});

Deno.test("a daemon whose words cannot be kept is started all the same", async () => {
  await using state = makeStateHome();
  const { home, env } = state;
  Deno.mkdirSync(`${home}/daemon.stderr`);
  const { code } = await ended(spawnDaemon({ command: ["/bin/sh", "-c", "exit 7"], env, home }));
  assert.equal(code, 7);
  assert.equal(readLastWords(home), "");
  forgetLastWords(home);
});

Deno.test("of many words the last ones are read, from a whole line on", async () => {
  await using state = makeStateHome();
  const { home } = state;
  Deno.writeTextFileSync(`${home}/daemon.stderr`, `${"much ".repeat(1_000)}\nat last\n`);
  assert.equal(readLastWords(home), "at last");
});

Deno.test("an executable that is gone is named", () => {
  const command = ["/nowhere/agent-async", "daemon"];
  assert.throws(() => spawnDaemon({ command, env: {}, home: "/nowhere" }), {
    code: "daemon_unreachable",
    message: /Cannot start the daemon \/nowhere\/agent-async/,
  });
});

Deno.test("a daemon that cannot start says why in the log once, also after the next one has come", async () => {
  await using state = makeStateHome();
  const path = `${state.home}/queue.db`;
  const kv = await Deno.openKv(path);
  await kv.set(["schema"], new Deno.KvU64(99n));
  kv.close();
  const refused = await runProgram(state, ["list"]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /version 99/);
  for (const { name } of Deno.readDirSync(state.home)) {
    if (name.startsWith("queue.db")) Deno.removeSync(`${state.home}/${name}`);
  }
  assert.equal((await runProgram(state, ["list"])).code, 0);
  await runProgram(state, ["daemon", "stop"]);
  const errors = Deno.readTextFileSync(`${state.home}/daemon.log`).split("\n")
    .filter((line) => line.includes('"level":"error"')).map((line) => JSON.parse(line).message);
  assert.deepEqual(errors, ["daemon cannot start"]);
});
