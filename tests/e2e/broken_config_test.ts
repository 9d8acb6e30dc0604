/** Commands that only look go on with a configuration that cannot be used, and warn; one that starts work is refused. */
import assert from "node:assert/strict";
import { HostSession, runProgram, shutDown } from "../support/program.ts";
import { ListResult } from "../../src/service/read_requests.ts";
import { makeStateHome } from "../support/state_home.ts";

Deno.test("a broken config.json while no daemon runs does not refuse to show", async () => {
  await using state = makeStateHome();
  Deno.writeTextFileSync(`${state.home}/config.json`, '{ "limits": { "totl": 2 } }');
  try {
    const listed = await runProgram(state, ["list", "--json"]);
    assert.deepEqual([listed.code, JSON.parse(listed.stdout).jobs], [0, []]);
    assert.match(
      listed.stderr.replace(/\s+/g, " "),
      /Warning: .*nothing can be started: .*did you mean total/,
    );
    const snapshot = await runProgram(state, ["status"]);
    assert.deepEqual([snapshot.code, /0\/\d+ running/.test(snapshot.stdout)], [0, true], snapshot.stderr);
    const refused = await runProgram(state, ["start", "-C", state.cwd, "say x"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr.replace(/\s+/g, " "), /limits\.totl: no such key/);
    assert.doesNotMatch(refused.stderr, /Warning/);
  } finally {
    await shutDown(state);
  }
});

Deno.test("a host's session is served with a config.json that cannot be used", async () => {
  await using state = makeStateHome();
  Deno.writeTextFileSync(`${state.home}/config.json`, "{ nonsense");
  try {
    await using session = await HostSession.start(state);
    assert.equal((await session.call("job_list", {}, ListResult)).total, 0);
  } finally {
    await shutDown(state);
  }
});
