/**
 * Tests of room `cli`: `wait`: over the limit of one call, for one job, any or all, in time or not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { WaitRequest, type WaitResult } from "../../src/service/read_requests.ts";
import { aBrief, aResult, ScriptedService, untilGivenUp } from "../support/scripted_service.ts";
import { commandLine } from "./command_line.ts";

const A = "aaaa0001";
const B = "bbbb0002";

/** Answers each wait with the next of `ends`: the ids that ended meanwhile. */
function ending(...ends: string[][]): ScriptedService {
  return new ScriptedService({
    wait: ({ job_ids = [] }) => {
      const ended = ends.shift() ?? [];
      const jobs = ended.map((job_id) => aResult({ job_id, result: `${job_id} says` }));
      const unfinished = job_ids.filter((id) => !ended.includes(id)).map((job_id) => aBrief({ job_id }));
      return Promise.resolve(
        { timed_out: jobs.length === 0, jobs, unfinished, cursor: 9 } satisfies WaitResult,
      );
    },
  });
}

function asked(service: ScriptedService): { job_ids: string[]; timeout_seconds: number }[] {
  return JSON.parse(JSON.stringify(service.asked("wait")));
}

Deno.test("wait: goes on over the limit of a call until the job has ended, and prints its result alone", async () => {
  const service = ending([], [], [A]);
  const outcome = await commandLine(["wait", A], { service });
  assert.deepEqual([outcome.code, outcome.stdout], [0, `${A} says\n`]);
  assert.deepEqual(asked(service).map((request) => request.timeout_seconds), [100, 100, 100]);
});

Deno.test("wait: for all, each as it ends; --any for the first", async () => {
  const all = ending([B], [], [A]);
  const outcome = await commandLine(["wait", A, B], { service: all });
  assert.equal(outcome.stdout, `== ${B} codex done ==\n${B} says\n== ${A} codex done ==\n${A} says\n`);
  assert.deepEqual(asked(all).map((request) => request.job_ids), [[A, B], [A], [A]]);
  const any = ending([B]);
  assert.equal((await commandLine(["wait", "--any", A, B], { service: any })).code, 0);
  assert.equal(asked(any).length, 1);
});

Deno.test("wait --timeout: gives up with exit code 3, asks no longer than is left, and says what goes on", async () => {
  const service = ending();
  const outcome = await commandLine(["wait", A, "--timeout", "2m"], { service, tickMs: 30_000 });
  assert.deepEqual([outcome.code, outcome.stdout], [3, ""]);
  assert.equal(outcome.stderr, `Timed out; still going on: ${A}\n`);
  assert.deepEqual(asked(service).map((request) => request.timeout_seconds), [90, 60, 30, 0]);
});

Deno.test("wait: hundreds of jobs at once, of which a time-out names some and counts the others", async () => {
  const ids = Array.from({ length: 300 }, (_, index) => `k${String(index).padStart(7, "0")}`);
  const service = ending();
  const { code, stderr } = await commandLine(["wait", ...ids, "--timeout", "0"], { service });
  assert.equal(code, 3);
  assert.equal(stderr, `Timed out; still going on: ${ids.slice(0, 10).join(", ")} and 290 more\n`);
  WaitRequest.parse(asked(service)[0]);
});

Deno.test("wait --json: one document with those that ended and those that did not", async () => {
  const service = ending([B]);
  const outcome = await commandLine(["wait", "--json", A, B, "--timeout", "1m"], { service, tickMs: 20_000 });
  assert.equal(outcome.code, 3);
  const document = JSON.parse(outcome.stdout);
  assert.deepEqual(
    { ...document, jobs: document.jobs.map((job: { job_id: string }) => job.job_id) },
    { timed_out: true, jobs: [B], asking: [], unfinished: [aBrief({ job_id: A })], cursor: 9 },
  );
});

Deno.test("wait: a job that failed or was cancelled gives exit code 1", async () => {
  for (const status of ["error", "cancelled"] as const) {
    const service = new ScriptedService({
      wait: () =>
        Promise.resolve({
          timed_out: false,
          jobs: [aResult({ job_id: A, status })],
          unfinished: [],
          cursor: 1,
        }),
    });
    assert.equal((await commandLine(["wait", A], { service })).code, 1);
  }
});

Deno.test("wait: Ctrl-C gives up the wait in silence with exit code 130", async () => {
  let press = () => {};
  const service = new ScriptedService({
    wait: (_request, call) => {
      press();
      return untilGivenUp(call);
    },
  });
  const outcome = await commandLine(["wait", A], { service, onInterruptible: (pressed) => press = pressed });
  assert.deepEqual(outcome, { code: 130, stdout: "", stderr: "" });
  // On a terminal the ^C that it has put there is taken away, so that the next prompt stands alone.
  const seen = await commandLine(["wait", A], {
    service,
    isTerminal: true,
    onInterruptible: (pressed) => press = pressed,
  });
  assert.deepEqual(seen, { code: 130, stdout: "", stderr: "\r\x1b[2K" });
});
