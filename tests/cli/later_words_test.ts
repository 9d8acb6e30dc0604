/** Words and keys of a later daemon are shown as they are, by commands and to models. */
import assert from "node:assert/strict";
import { EventBody } from "../../src/domain/event/event_body.ts";
import { Brief, JobResult } from "../../src/domain/job/result.ts";
import { jobView } from "../../src/mcp/views/job_answer.ts";
import { JOB_DETAILS } from "../../src/mcp/views/job_detail.ts";
import { jobText } from "../../src/mcp/views/job_lines.ts";
import { toolWords } from "../../src/mcp/tool_words.ts";
import { LATER_WORD, laterValues } from "../support/later_version.ts";
import { aDaemonStatus } from "../support/daemon_status.ts";
import { aBrief, aResult, JOB_ID, ScriptedService } from "../support/scripted_service.ts";
import { commandLine } from "./command_line.ts";

/** `base` with the one member that differs in `later`. */
function withLater<Value extends object>(
  base: Value,
  { what, value }: { what: string; value: unknown },
): Value {
  const [, key = ""] = /^\.([a-z_]+)/.exec(what) ?? [];
  return { ...base, [key]: Object(value)[key] };
}

for (const later of laterValues(Brief)) {
  Deno.test(`list and status show a brief of a later daemon: ${later.what}`, async () => {
    const job = withLater(aBrief(), later);
    const service = new ScriptedService({
      list: () => Promise.resolve({ jobs: [job], total: 1 }),
      poll: () => Promise.resolve(withLater(aResult(), later)),
      queue: () =>
        Promise.resolve({
          busy: false,
          running: [job],
          pending: [],
          pending_count: 0,
          limits: { total: 4, depth: 3 },
          agents: [],
        }),
    });
    for (const isTerminal of [true, false]) {
      const { code, stdout } = await commandLine(["list"], { service, isTerminal, columns: 200 });
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(job.job_id));
      if (later.what === ".status") assert.match(stdout, new RegExp(LATER_WORD));
    }
    const json = await commandLine(["list", "--json"], { service });
    assert.deepEqual(JSON.parse(json.stdout).jobs, [JSON.parse(JSON.stringify(job))]);
    const status = await commandLine(["status"], {
      service,
      control: { status: () => Promise.resolve(aDaemonStatus()) },
    });
    assert.equal(status.code, 0, status.stderr);
  });
}

for (const later of laterValues(JobResult)) {
  Deno.test(`show, and a model's answer, have a result of a later daemon: ${later.what}`, async () => {
    const job = withLater(aResult(), later);
    const service = new ScriptedService({ poll: () => Promise.resolve(job) });
    const { code, stdout } = await commandLine(["show", JOB_ID], { service });
    assert.equal(code, 0);
    if (later.what === ".status") assert.match(stdout, new RegExp(LATER_WORD));
    const json = await commandLine(["show", JOB_ID, "--json"], { service });
    assert.deepEqual(JSON.parse(json.stdout), JSON.parse(JSON.stringify(job)));
    const places = {
      transcriptPath: () => "/output.txt",
      words: toolWords(["jobs"]),
      fenced: (text: string) => text,
    };
    for (const detail of JOB_DETAILS) {
      jobView(job, detail, places);
      assert.match(jobText(job, detail, places), new RegExp(job.job_id));
    }
  });
}

Deno.test("events of a later daemon are shown, in brief and whole", async () => {
  const bodies = [...laterValues(EventBody)].map(({ value }) => Object(value));
  const events = bodies.map((body, index) => ({
    ...body,
    seq: index + 1,
    turn: 1,
    time: "2026-01-01T00:00:00.000Z",
  }));
  const service = new ScriptedService({
    events: ({ cursor = 0 }) =>
      Promise.resolve({
        events: events.filter(({ seq }) => seq > cursor),
        cursor: events.length,
        status: "done",
        more: false,
      }),
  });
  const { code, stdout } = await commandLine(["events", JOB_ID], { service });
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(LATER_WORD));
});
