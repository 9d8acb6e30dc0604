/**
 * Tests of room `cli`: which job is meant.
 *
 * @module
 */
import assert from "node:assert/strict";
import { aBrief, ScriptedService } from "../support/scripted_service.ts";
import { commandLine } from "./command_line.ts";

function serviceWith(...ids: string[]): ScriptedService {
  return new ScriptedService({
    list: ({ limit, id_prefix = "" }) => {
      const found = ids.filter((id) => id.startsWith(id_prefix));
      return Promise.resolve({
        jobs: found.slice(0, limit).map((job_id) => aBrief({ job_id })),
        total: found.length,
      });
    },
  });
}

async function shown(reference: string, service: ScriptedService): Promise<unknown> {
  const { code, stderr } = await commandLine(["show", "--json", reference], { service });
  assert.equal(code, 0, stderr);
  return service.asked("poll").map((request) => JSON.parse(JSON.stringify(request)).job_id);
}

Deno.test("job reference: a whole id is used as it is, in either case, without a look at the list", async () => {
  const service = serviceWith();
  assert.deepEqual(await shown("ABCD2345", service), ["abcd2345"]);
  assert.deepEqual(service.asked("list"), []);
});

Deno.test("job reference: the beginning of one id, and last for the newest", async () => {
  assert.deepEqual(await shown("ab", serviceWith("zz000001", "ab000002")), ["ab000002"]);
  assert.deepEqual(await shown("last", serviceWith("zz000001", "ab000002")), ["zz000001"]);
});

Deno.test("job reference: the beginning of several is refused with exit code 2, and all are named", async () => {
  const { code, stderr } = await commandLine(["show", "ab"], {
    service: serviceWith("ab000001", "ab000002"),
  });
  assert.equal(code, 2);
  assert.match(stderr, /ab is the beginning of several ids:\n {2}ab000001 .*\n {2}ab000002 /);
});

Deno.test("job reference: none such, nonsense and an empty list give exit code 4", async () => {
  for (const reference of ["zz", "../../x", "nosuchjob"]) {
    const { code, stderr } = await commandLine(["show", reference], { service: serviceWith("ab000001") });
    assert.equal(code, 4);
    assert.match(stderr, /No job has an id that is or begins with/);
  }
  assert.equal((await commandLine(["wait", "last"], { service: serviceWith() })).code, 4);
});

Deno.test("cancel: one wrong id among several ends none of them", async () => {
  const service = serviceWith("ab000001");
  assert.equal((await commandLine(["cancel", "ab", "zz"], { service })).code, 4);
  assert.deepEqual(service.asked("cancel"), []);
});

Deno.test("cancel: says of each job what became of it", async () => {
  const service = serviceWith("ab000001", "cd000002");
  assert.deepEqual(await commandLine(["cancel", "ab", "cd", "ab"], { service }), {
    code: 0,
    stdout: "Job ab000001 is cancelled. Nothing of it is left running.\n" +
      "Job cd000002 is cancelled. Nothing of it is left running.\n",
    stderr: "",
  });
});
