/**
 * The tools that decide in a person's place: a host that asks nobody before it calls a tool does not get them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { NEVER_ALLOWED } from "../../src/mcp/tools/toolset_names.ts";
import type { WaitResult } from "../../src/service/read_requests.ts";
import { initializeRequest, MemoryHost } from "../support/memory_host.ts";
import { aBrief, JOB_ID, ScriptedService } from "../support/scripted_service.ts";

const ASKED: WaitResult = {
  timed_out: false,
  jobs: [],
  asking: [{
    job_id: JOB_ID,
    questions: [{
      question_id: "1-a",
      kind: "text",
      title: "Which?",
      detail: "",
      options: [],
      asked_at: "2026-01-01T00:00:05.000Z",
    }],
  }],
  unfinished: [aBrief()],
  cursor: 9,
};

async function seenBy(name: string): Promise<{ older: string[]; modern: string[]; next: string }> {
  const service = new ScriptedService({ wait: () => Promise.resolve(ASKED) });
  await using host = new MemoryHost({ service });
  const modern = (await host.ask("tools/list", {}, { name })).result;
  const { params, ...rest } = initializeRequest("init");
  await host.send({ ...rest, params: { ...params, clientInfo: { name, version: "1.0.0" } } });
  await host.answer("init");
  await host.send({ jsonrpc: "2.0", id: "list", method: "tools/list" });
  const older = (await host.answer("list")).result;
  const { result } = await host.call("job_wait", { job_ids: [JOB_ID] });
  return {
    older: deciding(older),
    modern: deciding(modern),
    next: JSON.stringify(result?.structuredContent),
  };
}

function deciding(result: Record<string, unknown> | undefined): string[] {
  const text = JSON.stringify(result);
  return NEVER_ALLOWED.filter((name) => text.includes(`"name":"${name}"`));
}

Deno.test("a host that asks before it calls a tool has the tools that decide, in either era", async () => {
  const { older, modern, next } = await seenBy("claude-code");
  assert.ok(older.includes("job_answer"));
  assert.deepEqual(modern, older);
  assert.match(next, /Answer with mcp__agent-async__job_answer/);
});

Deno.test("opencode asks nobody: it does not get them, and its model is told that a person answers", async () => {
  const { older, modern, next } = await seenBy("opencode");
  assert.deepEqual([older, modern], [[], []]);
  assert.doesNotMatch(next, /job_answer/);
});
