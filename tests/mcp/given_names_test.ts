/**
 * Names of arguments that a tool lacks: another spelling of its own is understood, and nothing is dropped without which
 * the call would mean more, or another job.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MemoryHost } from "../support/memory_host.ts";
import { JOB_ID, ScriptedService } from "../support/scripted_service.ts";

const WORK = { prompt: "Do it", cwd: "/work" };
const REPLY = { job_id: JOB_ID, prompt: "Go on" };
const AGENTS = ["codex", "gemini"].map((name) => ({ name, available: true }));

async function ask(tool: string, args: Record<string, unknown>) {
  const service = new ScriptedService();
  await using host = new MemoryHost({
    service,
    toolsets: ["jobs", "codex", "agents", "stream"],
    agents: () => Promise.resolve(AGENTS),
    hostDirectory: "/host",
  });
  const { result } = await host.call(tool, args);
  const content = Array.isArray(result?.content) ? result.content : [];
  const isError = result?.isError === true;
  return { service, isError, text: String(content[0]?.text ?? "") };
}

Deno.test("a parameter's name in another spelling is that parameter", async () => {
  for (const name of ["approvalPolicy", "approval-policy", "ApprovalPolicy", "APPROVAL_POLICY"]) {
    const start = await ask("codex_start", { ...WORK, [name]: "suggest" });
    assert.partialDeepStrictEqual(start.service.asked("start"), [{ approval_policy: "suggest" }]);
    const reply = await ask("job_reply", { ...REPLY, [name]: "suggest" });
    assert.partialDeepStrictEqual(reply.service.asked("reply"), [{ approval_policy: "suggest" }]);
  }
  for (const name of ["jobId", "jobIds", "jobid", "id", "job", "jobs", "ids"]) {
    const { service, text } = await ask("job_wait", { [name]: JOB_ID, timeoutSeconds: 0 });
    assert.partialDeepStrictEqual(service.asked("wait"), [{ job_ids: [JOB_ID] }], text);
    assert.equal((await ask("codex_wait", { [name]: JOB_ID })).isError, false);
    assert.equal((await ask("job_poll", { [name]: JOB_ID })).isError, false);
  }
});

Deno.test("what would limit a job is refused by a tool that lacks it, and nothing is started", async () => {
  const policies = {
    sandbox: "read-only",
    sandbox_mode: "read-only",
    policy: "suggest",
    readOnly: true,
  };
  const place = { isolation: "worktree" };
  const budget = { max_cost_usd: 1, maxTokens: "1000" };
  const calls = [
    ["codex_start", WORK, policies],
    ["job_start", { ...WORK, agent: "codex" }, policies],
    ["gemini_start", WORK, policies],
    ["gemini_pr_start", { cwd: "/work" }, { ...policies, ...place, ...budget }],
    ["job_reply", REPLY, { ...policies, ...place }],
    ["codex_async_reply", REPLY, { ...policies, ...place, ...budget }],
  ] as const;
  for (const [tool, args, limits] of calls) {
    for (const [name, value] of Object.entries(limits)) {
      const { service, isError, text } = await ask(tool, { ...args, [name]: value });
      assert.ok(isError, `${tool} ${name}`);
      assert.match(text, new RegExp(`^invalid_argument: ${name}: .*${tool}`));
      assert.deepEqual([...service.asked("start"), ...service.asked("reply")], []);
      assert.equal((await ask(tool, { ...args, [name]: "" })).isError, false);
    }
  }
  const { isError, text } = await ask("codex_async_reply", { ...REPLY, approval_policy: "suggest" });
  assert.ok(isError);
  assert.match(text, /job_reply takes an approval_policy/);
});

Deno.test("codex_await_any refuses the id of a certain job", async () => {
  for (const name of ["job_id", "job_ids", "jobId"]) {
    const { isError, text } = await ask("codex_await_any", { [name]: JOB_ID, timeout_seconds: 0 });
    assert.ok(isError);
    assert.match(text, /codex_wait waits for one certain job/);
  }
});
