/** What both ends of the wire and the tests' fakes have in common comes from the table of methods. */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { answerCall } from "../../src/service/answer_call.ts";
import { type CheckedService, serviceDoor, serviceOf } from "../../src/service/job_service.ts";
import { SERVICE_METHOD_NAMES } from "../../src/service/methods.ts";
import { paramsNow } from "../../src/service/remote/resending.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import { ScriptedService } from "../support/scripted_service.ts";

Deno.test("every method of the table is one of the remote service and of the scripted one", () => {
  const connect = () => Promise.reject(new Error("not connected"));
  using remote = new RemoteService({ connect, clock: { now: () => 0, steady: () => 0 } });
  const scripted = new ScriptedService();
  for (const name of SERVICE_METHOD_NAMES) {
    assert.equal(typeof remote[name], "function", name);
    assert.equal(typeof scripted[name], "function", name);
  }
});

Deno.test("the door of the daemon checks a request, and fills in its defaults, before the service has it", async () => {
  const asked: unknown[] = [];
  const service: CheckedService = serviceOf<unknown>((name) => (request) => {
    asked.push([name, request]);
    return Promise.resolve({});
  });
  const nobody = () => Promise.reject(new Error("no call of this test"));
  const control = { ping: nobody, status: nobody, stop: nobody, handover: nobody };
  const target = { service: serviceDoor(service), control };
  await answerCall(target, "poll", { job_id: "abc12345" }, {});
  await assert.rejects(
    answerCall(target, "poll", { job_id: 7 }, {}),
    (error) => isAgentAsyncError(error, "invalid_argument") && error.message.startsWith("job_id"),
  );
  assert.deepEqual(asked, [["poll", { job_id: "abc12345", tail_lines: 100 }]]);
});

Deno.test("what is sent again keeps its key, and asks for no more than the time that is left", () => {
  let steady = 0;
  const clock = { steady: () => steady };
  const start = paramsNow({ prompt: "x" }, { by: "key" }, clock);
  const wait = paramsNow({ job_id: "a" }, { by: "time", field: "wait_seconds", unlessGiven: 50 }, clock);
  const look = paramsNow({ job_id: "a" }, { by: "time", field: "wait_seconds" }, clock);
  const first = start();
  steady = 20_000;
  assert.match(String(first.request_key), /^[0-9a-f-]{36}$/);
  assert.deepEqual(start(), first);
  assert.deepEqual(wait(), { job_id: "a", wait_seconds: 30 });
  assert.deepEqual(look(), { job_id: "a" });
});
