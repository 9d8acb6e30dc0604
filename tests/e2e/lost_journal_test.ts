/** A daemon that is killed, and then its database's journal damaged: jobs, ends and request keys are all there again. */
import assert from "node:assert/strict";
import { z } from "zod";
import { ListResult } from "../../src/service/read_requests.ts";
import { HostSession, killDaemon, runProgram, shutDown } from "../support/program.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";

const FAULTS: Record<string, (journal: string) => void> = {
  "was removed": (journal) => Deno.removeSync(journal),
  "has another byte 60": (journal) => {
    using file = Deno.openSync(journal, { write: true });
    file.seekSync(60, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array([0xff]));
  },
  "was cut in half": (journal) => Deno.truncateSync(journal, Math.floor(Deno.statSync(journal).size / 2)),
};

async function listed(state: StateHome) {
  return ListResult.parse(JSON.parse((await runProgram(state, ["list", "--json"])).stdout));
}

for (const [what, damage] of Object.entries(FAULTS)) {
  Deno.test(`a journal that ${what} after kill -9 loses no job, no end and no request key`, async () => {
    await using state = makeStateHome();
    const ids: string[] = [];
    {
      await using host = await HostSession.start(state);
      for (const n of [1, 2, 3]) {
        const id = await host.start(`say ${n}\nchange made`, { request_key: `key ${n}` });
        await host.ended(id);
        ids.push(id);
      }
      const reply = { job_id: ids[0], prompt: "say again", request_key: "reply" };
      await host.call("job_reply", reply, z.looseObject({}));
      await host.ended(ids[0] ?? "");
    }
    const before = await listed(state);
    await killDaemon(state);
    damage(`${state.home}/queue.db-wal`);

    const after = await listed(state);
    assert.deepEqual(after.jobs, before.jobs);
    assert.equal(after.total, 3);
    assert.match(String(after.notice), new RegExp(`The store had lost .*${ids[2]}`));
    await using host = await HostSession.start(state);
    for (const [index, id] of ids.entries()) {
      const args = { request_key: `key ${index + 1}`, approval_policy: "auto-edit" };
      assert.equal(await host.start(`say ${index + 1}\nchange made`, args), id);
      assert.equal((await host.poll(id)).result, index === 0 ? "again" : String(index + 1));
    }
    const again = { job_id: ids[0], prompt: "say again", request_key: "reply" };
    assert.equal((await host.call("job_reply", again, z.looseObject({ turn: z.number() }))).turn, 2);
    assert.deepEqual((await listed(state)).jobs, before.jobs);
    assert.match((await runProgram(state, ["list"])).stderr, /The store had lost/);
    assert.match((await runProgram(state, ["doctor"])).stdout, /the latest changes of \d job/);
    await shutDown(state);
  });
}

for (const keepsRecord of [true, false]) {
  const knower = keepsRecord ? "the record in its directory" : "its outcome alone";
  Deno.test(`a further turn that journal and ledger have both lost is found by ${knower}`, async () => {
    await using state = makeStateHome();
    let id = "";
    {
      await using host = await HostSession.start(state);
      id = await host.start("say first");
      await host.ended(id);
    }
    // Closed well: from here on the database file itself has the job as done in its first turn.
    await shutDown(state);
    const recordFile = `${state.home}/jobs/${id}/job.json`;
    const older = Deno.readTextFileSync(recordFile);
    {
      await using host = await HostSession.start(state);
      const reply = { job_id: id, prompt: "say second", request_key: "again" };
      await host.call("job_reply", reply, z.looseObject({}));
      await host.ended(id);
    }
    const [before] = (await listed(state)).jobs;
    await killDaemon(state);
    for (const name of ["queue.db-wal", "queue.ledger"]) Deno.removeSync(`${state.home}/${name}`);
    if (!keepsRecord) Deno.writeTextFileSync(recordFile, older);

    const after = await listed(state);
    assert.match(String(after.notice), new RegExp(`The store had lost .*${id}`));
    await using host = await HostSession.start(state);
    const job = await host.ended(id);
    assert.deepEqual([job.status, job.turn, job.result], ["done", 2, "second"]);
    if (keepsRecord) assert.deepEqual((await listed(state)).jobs[0]?.finished_at, before?.finished_at);
    const again = { job_id: id, prompt: "say second", request_key: "again" };
    assert.equal((await host.call("job_reply", again, z.looseObject({ turn: z.number() }))).turn, 2);
    await shutDown(state);
  });
}
