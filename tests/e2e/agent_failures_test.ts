/**
 * Every reason for which a job of an agent can fail, through the real MCP server: what the host is told, and what to do
 * about it. Gemini CLI and Claude Code are the real ones, Cursor a fixture, and two are the user's own.
 */
import assert from "node:assert/strict";
import type { JobResult } from "../../src/domain/job/result.ts";
import { geminiRateLimit } from "../model/gemini_api.ts";
import { answer, cutStream, refuse, shell, type Step } from "../model/scenario.ts";
import { AgentStage, processesOf } from "../support/agent_stage.ts";
import { eventually } from "../support/eventually.ts";
import { OWN_AGENTS } from "../support/own_agents.ts";
import { sendSignal } from "../support/signals.ts";

interface Case {
  agent: string;
  /** What the model answers, for the agents that have one. */
  model?: Step;
  /** For the others the prompt decides. */
  prompt?: string;
  reason: string;
  error: RegExp;
  hint: RegExp | null;
  /** Whether the end of the limit is known. */
  hasRetryAt?: boolean;
}

const REFUSED: Case[] = [
  {
    agent: "gemini",
    model: refuse(401),
    reason: "auth_required",
    error: /scripted 401/,
    hint: /GEMINI_API_KEY/,
  },
  {
    agent: "gemini",
    model: geminiRateLimit("2s"),
    reason: "quota_exhausted",
    error: /Resource has been exhausted/,
    hint: /job_reply after retry_at/,
    hasRetryAt: true,
  },
  {
    agent: "gemini",
    model: refuse(500),
    reason: "agent_error",
    error: /scripted 500/,
    hint: /later with job_reply/,
  },
  { agent: "gemini", model: refuse(404), reason: "agent_error", error: /scripted 404/, hint: /model/ },
  { agent: "gemini", model: cutStream(), reason: "agent_error", error: /./, hint: /job_reply/ },
  { agent: "claude", model: refuse(401), reason: "auth_required", error: /401/, hint: /claude auth login/ },
  { agent: "claude", model: refuse(429), reason: "quota_exhausted", error: /429/, hint: /another agent/ },
  { agent: "claude", model: refuse(500), reason: "agent_error", error: /500/, hint: /later with job_reply/ },
  { agent: "claude", model: refuse(404), reason: "agent_error", error: /model/, hint: /model/ },
  {
    agent: "cursor",
    prompt: "hit the limit",
    reason: "quota_exhausted",
    error: /usage limit/,
    hint: /job_reply after retry_at/,
    hasRetryAt: true,
  },
  { agent: "cursor", prompt: "fail", reason: "agent_error", error: /The model gave up/, hint: null },
  {
    agent: "cursor",
    prompt: "crash",
    reason: "exit_code",
    error: /exit code 9.*: Segmentation fault/,
    hint: null,
  },
  {
    agent: "cursor",
    prompt: "fall silent",
    reason: "no_result",
    error: /never reported a result/,
    hint: /reply/,
  },
  {
    agent: "writer",
    prompt: "please fail",
    reason: "exit_code",
    error: /exit code 3.*something broke/,
    hint: null,
  },
  {
    agent: "writer",
    prompt: "no quota",
    reason: "quota_exhausted",
    error: /429 Too Many Requests/,
    hint: /another agent/,
    hasRetryAt: true,
  },
  { agent: "writer", prompt: "no login", reason: "auth_required", error: /log in/, hint: /Log in/ },
  { agent: "ledger", prompt: "please fail", reason: "auth_required", error: /401/, hint: /Log in/ },
  {
    agent: "ledger",
    prompt: "fall silent",
    reason: "no_result",
    error: /never reported a result/,
    hint: /reply/,
  },
];

Deno.test("agent failures: refusals and bad ends, each with its reason, its words and what to do", async () => {
  const config = { limits: { total: 6 }, agents: OWN_AGENTS };
  await using stage = await AgentStage.set({ agents: ["gemini", "claude", "cursor"], config });
  const jobs = await Promise.all(REFUSED.map(async (expected, index) => {
    const { agent, model } = expected;
    if (model !== undefined) stage.model.script(`case-${index}`, [], model);
    const prompt = expected.prompt ?? `Go. [[scenario case-${index}]]`;
    // With a model of its own, Gemini CLI does not ask its router first.
    const more = agent === "gemini" ? { model: "gemini-2.5-flash" } : {};
    return { expected, job: await stage.run(agent, prompt, more) };
  }));
  for (const { expected, job } of jobs) assertFailed(job, expected);
});

function assertFailed(job: JobResult, { agent, reason, error, hint, hasRetryAt = false }: Case): void {
  const about = `${agent} ${reason}: ${JSON.stringify(job, null, 1)}`;
  assert.deepEqual([job.status, job.reason], ["error", reason], about);
  assert.match(job.error ?? "", error, about);
  if (hint === null) assert.equal(job.hint, undefined, about);
  else assert.match(job.hint ?? "", hint, about);
  assert.equal(job.retry_at !== undefined, hasRetryAt, about);
  assert.match(job.output, new RegExp(`\\[turn 1 failed \\(${reason}\\)[^]*\\]$`), about);
}

Deno.test("agent failures: nobody logged in", async () => {
  const env = { CURSOR_API_KEY: "", GEMINI_API_KEY: "", ANTHROPIC_API_KEY: "" };
  await using stage = await AgentStage.set({ agents: ["gemini", "claude", "cursor"], env });
  const hints = {
    gemini: /`gemini`.*sign in/,
    claude: /`claude auth login`/,
    cursor: /`cursor-agent login`/,
  };
  await Promise.all(
    Object.entries(hints).map(async ([agent, hint]) => {
      const job = await stage.run(agent, "Go.");
      assert.deepEqual([job.status, job.reason], ["error", "auth_required"], JSON.stringify(job));
      assert.match(job.hint ?? "", hint);
      assert.notEqual(job.error ?? "", "");
    }),
  );
});

Deno.test("agent failures: a time limit, a kill from outside and a silent end", async () => {
  await using stage = await AgentStage.set({
    agents: ["gemini", "claude", "cursor"],
    config: { limits: { total: 8 } },
  });
  for (const agent of ["gemini", "claude"]) {
    stage.model.script(`slow-${agent}`, [shell("sleep 300")]);
    for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"]) {
      // Not even the response begins.
      stage.model.script(`mute-${agent}-${signal}`, [], answer([], { delayMs: 600_000 }));
    }
  }
  const full = { approval_policy: "full-auto" };
  const timed = ["gemini", "claude", "cursor"].map(async (agent) => {
    const id = await stage.start(agent, `be slow [[scenario slow-${agent}]]`, {
      ...full,
      timeout_seconds: 5,
    });
    const job = await stage.host.ended(id);
    assert.deepEqual([job.status, job.reason], ["error", "timed_out"], JSON.stringify(job));
    assert.match(job.hint ?? "", /Continue it with job_reply/);
    assert.deepEqual(processesOf(id), [], agent);
  });
  const signalled = (["gemini", "claude"] as const).flatMap((agent) =>
    (["SIGKILL", END_IN_ORDER[agent].signal] as const).map(async (signal) => {
      const scenario = `mute-${agent}-${signal}`;
      const id = await stage.start(agent, `Go. [[scenario ${scenario}]]`);
      await eventually(() => stage.model.modelRequests(scenario).length > 0, {
        what: `${agent} to ask its model`,
      });
      const pid = agentPid(stage, id);
      sendSignal(pid, signal);
      const job = await stage.host.ended(id);
      const killed = signal === "SIGKILL";
      const about = `${agent} ${signal}: ${JSON.stringify(job)}`;
      // Claude Code tells that it was interrupted, unless the signal comes before it listens for one.
      const isMute = !killed && job.reason === "no_result";
      const reasons: string[] = killed ? ["exit_code"] : [END_IN_ORDER[agent].reason, "no_result"];
      assert.deepEqual([job.status, job.exit_code], ["error", killed ? 137 : 0], about);
      assert.ok(reasons.includes(String(job.reason)), about);
      // Without what Gemini CLI says on stderr on every run.
      assert.match(
        job.error ?? "",
        killed
          ? /ended by signal 9 \(exit code 137\) without reporting a result$/
          : isMute
          ? END_IN_ORDER.gemini.error
          : END_IN_ORDER[agent].error,
      );
      assert.equal(job.possibly_truncated, job.reason !== "agent_error");
    })
  );
  await Promise.all([...timed, ...signalled]);
});

/** The signal after which each leaves with exit code 0, and what can be known of it then. */
const END_IN_ORDER = {
  gemini: { signal: "SIGTERM", reason: "no_result", error: /never reported a result$/ },
  // 2.1.197 said nothing; 2.1.332 says that it was interrupted.
  claude: {
    signal: "SIGINT",
    reason: "agent_error",
    error: /^Claude Code was interrupted before it had answered$/,
  },
} as const;

/** The agent's own pid: the child of the wrapper, whose pid the turn's directory has. */
function agentPid(stage: AgentStage, jobId: string): number {
  const file = `${stage.state.home}/jobs/${jobId}/turns/1/pid`;
  const wrapper = /\d+/.exec(Deno.readTextFileSync(file))?.[0];
  const children = Deno.readTextFileSync(`/proc/${wrapper}/task/${wrapper}/children`).trim();
  return Number(children.split(" ")[0]);
}

Deno.test("agent failures: not installed, too old, and gone between the start and the turn", async () => {
  await using stage = await AgentStage.set({ agents: ["cursor", "gemini"] });
  const refused = (agent: string) =>
    stage.host.refused(`${agent}_start`, { prompt: "Go.", cwd: stage.state.cwd });
  const missing = await refused("claude");
  assert.match(missing, /Claude Code is not installed[^]*npm install -g @anthropic-ai\/claude-code/);
  Deno.writeTextFileSync(`${stage.bin}/claude`, "#!/bin/sh\necho '1.0.2 (Claude Code)'\n", { mode: 0o755 });
  const old = await refused("claude");
  assert.match(old, /Claude Code 1\.0\.2 is too old[^]*claude update/);

  // The second job waits for the directory of the first, and finds its agent gone.
  const cwd = stage.state.workspace("shared");
  const first = await stage.start("cursor", "hold on", { cwd });
  const second = await stage.start("gemini", "Go.", { cwd });
  Deno.removeSync(`${stage.bin}/gemini`);
  Deno.writeTextFileSync(`${cwd}/go`, "");
  const job = await stage.host.ended(second);
  assert.deepEqual([job.status, job.reason, job.exit_code], ["error", "spawn_failed", null]);
  assert.match(job.error ?? "", /Gemini CLI is not installed: no gemini on the PATH of the host that asked/);
  assert.match(job.hint ?? "", /npm install -g @google\/gemini-cli/);
  assert.equal((await stage.host.poll(first)).status, "done");
});
