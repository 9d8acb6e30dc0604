import assert from "node:assert/strict";
import { AgentAsyncError, isAgentAsyncError } from "../../src/domain/errors.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import type { CallFrame } from "../../src/service/wire.ts";
import type { Clock } from "../../src/system/clock.ts";
import { type Answer, ScriptedConnection } from "../support/scripted_connection.ts";

const RECEIPT = {
  job_id: "00000001",
  agent: "codex",
  status: "running" as const,
  turn: 1,
  cursor: 0,
  message: "started",
};
const WAITED = { timed_out: true, jobs: [], unfinished: [], cursor: 7 };
const START = { agent: "codex", prompt: "x", cwd: "/", origin: { env: {}, session: "s" } };

/** A service whose nth connection answers by the nth script (the last one for all further), and what it was asked. */
function remote(scripts: ((call: CallFrame) => Answer)[], clock: Clock = { now: () => 0, steady: () => 0 }) {
  const connections: ScriptedConnection[] = [];
  const calls: { connection: number; method: string; params: unknown }[] = [];
  const service = new RemoteService({
    clock,
    lookMs: 5,
    connect: () => {
      const number = connections.length;
      const script = scripts[number] ?? scripts.at(-1);
      const connection = new ScriptedConnection((call) => {
        if (call.method !== "ping") {
          calls.push({ connection: number, method: call.method, params: call.params });
        }
        return script?.(call) ?? "ignore";
      });
      connections.push(connection);
      return Promise.resolve(connection);
    },
  });
  return { service, connections, calls };
}

const drop = (): Answer => "drop";
const handover = (): Answer => ({ error: { code: "handover", message: "leaving" } });

for (const [what, loss] of [["a lost connection", drop], ["a handover", handover]] as const) {
  Deno.test(`after ${what} a start is sent again with the same key`, async () => {
    const { service, calls, connections } = remote([loss, () => ({ result: RECEIPT })]);
    assert.deepEqual(await service.start(START), RECEIPT);
    assert.equal(calls.length, 2);
    assert.deepEqual(calls[0]?.params, calls[1]?.params);
    assert.match(JSON.stringify(calls[0]?.params), /"request_key":"[0-9a-f-]{36}"/);
    assert.equal(connections[0]?.isClosed, true);
    service.close();
  });
}

Deno.test("a caller's own request key is kept", async () => {
  const { service, calls } = remote([() => ({ result: RECEIPT })]);
  await service.reply({ job_id: "00000001", prompt: "x", request_key: "mine", origin: START.origin });
  assert.match(JSON.stringify(calls[0]?.params), /"request_key":"mine"/);
  service.close();
});

Deno.test("a wait that is sent again asks for the time that remains, from the same beginning", async () => {
  let steady = 0;
  const { service, calls } = remote([
    ({ method }) => {
      if (method === "feed") return { result: { notifications: [], cursor: 41 } };
      steady = 20_000;
      return "drop";
    },
    () => ({ result: WAITED }),
  ], { now: () => 0, steady: () => steady });
  assert.deepEqual(await service.wait({ timeout_seconds: 50 }), WAITED);
  assert.deepEqual(calls, [
    { connection: 0, method: "feed", params: {} },
    { connection: 0, method: "wait", params: { timeout_seconds: 50, cursor: 41 } },
    { connection: 1, method: "wait", params: { timeout_seconds: 30, cursor: 41 } },
  ]);
  service.close();
});

Deno.test("a wait for named jobs needs no beginning, and one that has run out still asks once", async () => {
  let steady = 0;
  const { service, calls } = remote([() => {
    steady += 60_000;
    return steady > 60_000 ? { result: WAITED } : "drop";
  }], { now: () => 0, steady: () => steady });
  await service.wait({ job_ids: ["00000001"] });
  assert.deepEqual(calls.map(({ params }) => params), [
    { job_ids: ["00000001"], timeout_seconds: 50 },
    { job_ids: ["00000001"], timeout_seconds: 0 },
  ]);
  service.close();
});

Deno.test("calls on one connection are answered in any order", async () => {
  const held: CallFrame[] = [];
  const { service, connections } = remote([(call) => {
    held.push(call);
    return "ignore";
  }]);
  const first = service.list({ limit: 1 });
  const second = service.list({ limit: 2 });
  while (held.length < 2) await Promise.resolve();
  for (const { id, params } of held.reverse()) {
    connections[0]?.push({ id, result: { jobs: [], total: JSON.parse(JSON.stringify(params)).limit } });
  }
  assert.deepEqual((await Promise.all([first, second])).map(({ total }) => total), [1, 2]);
  assert.equal(connections.length, 1);
  service.close();
});

Deno.test("a call that every daemon dies of is given up", async () => {
  const { service, connections } = remote([drop]);
  await assert.rejects(service.list({}), (error) => isAgentAsyncError(error, "daemon_unreachable"));
  assert.equal(connections.length, 5);
  service.close();
});

Deno.test("an error of the daemon is thrown as it is, and nothing is sent again", async () => {
  const { service, calls } = remote([() => ({ error: { code: "not_found", message: "There is no job." } })]);
  const poll = service.poll({ job_id: "00000001" });
  await assert.rejects(poll, (error) => isAgentAsyncError(error, "not_found"));
  assert.equal(calls.length, 1);
  service.close();
});

Deno.test("a wrong argument reaches no daemon", async () => {
  const { service, connections } = remote([drop]);
  const start = service.start({ ...START, prompt: "" });
  await assert.rejects(
    start,
    (error) => isAgentAsyncError(error, "invalid_argument") && /^prompt/.test(error.message),
  );
  assert.equal(connections.length, 0);
});

Deno.test("giving up sends a cancel, and a signal that was aborted before sends nothing", async () => {
  const { service, connections } = remote([() => "ignore"]);
  const controller = new AbortController();
  const call = service.list({}, { signal: controller.signal });
  while ((connections[0]?.sent.length ?? 0) < 1) await Promise.resolve();
  controller.abort();
  await assert.rejects(call, (error) => isAgentAsyncError(error, "cancelled"));
  const again = service.list({}, { signal: controller.signal });
  await assert.rejects(again, (error) => isAgentAsyncError(error, "cancelled"));
  assert.deepEqual(connections[0]?.sent.slice(1), [{ cancel: 1 }]);
  service.close();
});

Deno.test("a daemon that has stopped answering is named, and the call not sent again", async () => {
  const { service, connections } = remote([() => "ignore"]);
  const error = await service.list({}).catch((error) => error);
  assert.ok(error instanceof AgentAsyncError);
  assert.deepEqual([error.code, error.message], [
    "daemon_unreachable",
    "The daemon (pid 4242) has stopped answering.",
  ]);
  assert.equal(connections.length, 1);
  service.close();
});

Deno.test("a wait may be silent for as long as pings are answered", async () => {
  let pings = 0;
  const { service, connections } = remote([({ method }) => {
    if (method !== "ping") return "ignore";
    pings += 1;
    if (pings === 20) connections[0]?.push({ id: 1, result: WAITED });
    return { result: {} };
  }]);
  assert.deepEqual(await service.wait({ job_ids: ["00000001"] }), WAITED);
  service.close();
});

Deno.test("an answer of an unknown form is an error, not nonsense", async () => {
  const { service } = remote([() => ({ result: { what: "ever" } })]);
  await assert.rejects(service.list({}), (error) => isAgentAsyncError(error, "internal"));
  service.close();
});

Deno.test("stop is sent once, and is over when the connection is", async () => {
  const { service, connections, calls } = remote([() => ({ result: {} })]);
  const stopping = service.stop();
  while (calls.length < 1) await Promise.resolve();
  setTimeout(() => connections[0]?.close(), 20);
  await stopping;
  assert.deepEqual([calls.length, connections.length, connections[0]?.isClosed], [1, 1, true]);
});

Deno.test("the reason why no daemon can be reached is thrown, and the next call tries again", async () => {
  let attempts = 0;
  const service = new RemoteService({
    clock: { now: () => 0, steady: () => 0 },
    connect: () => {
      attempts += 1;
      return Promise.reject(new AgentAsyncError("config_invalid", "limits.total: too low"));
    },
  });
  for (const _ of [1, 2]) {
    await assert.rejects(service.list({}), (error) => isAgentAsyncError(error, "config_invalid"));
  }
  assert.equal(attempts, 2);
});
