/** `agentEnvironment`: the host's environment without the identity of the asking session. */
import assert from "node:assert/strict";
import { agentEnvironment } from "../../src/scheduler/turn/agent_environment.ts";

Deno.test("agentEnvironment drops session identity, keeps credentials and homes, and marks the job", () => {
  const host = {
    PATH: "/usr/bin",
    HOME: "/home/dev",
    OPENAI_API_KEY: "k",
    CLAUDE_CODE_OAUTH_TOKEN: "t",
    CLAUDE_CODE_USE_BEDROCK: "1",
    CODEX_HOME: "/home/dev/.codex",
    CLAUDECODE: "1",
    CLAUDE_CODE_ENTRYPOINT: "cli",
    CLAUDE_CODE_SESSION_ID: "s",
    CLAUDE_CODE_SSE_PORT: "1",
    CLAUDE_CODE_MESSAGING_SOCKET: "/s",
    // As Claude Code 2.1.332 gives them to its tools and servers.
    AI_AGENT: "claude-code_2-1-332_harness",
    CLAUDE_PROJECT_DIR: "/elsewhere",
    CLAUDE_CODE_CHILD_NOTES_DIR: "/notes",
    CLAUDE_CODE_LAUNCHED_BY_SESSION_IDS: "s",
    GEMINI_CLI: "1",
    GEMINI_CLI_TRUST_WORKSPACE: "true",
    CODEX_THREAD_ID: "t",
    CODEX_SESSION_ID: "s",
    CODEX_TOOL_CALL_ID: "c",
    CODEX_SANDBOX_NETWORK_DISABLED: "1",
    AGENT_ASYNC_JOB_ID: "aaaaaaaa",
    AGENT_ASYNC_DEPTH: "1",
    AGENT_ASYNC_HOME: "/state",
  };
  const env = agentEnvironment({
    host,
    configured: { OPENAI_API_KEY: "other" },
    driver: { QUIET: "1", CODEX_HOME: null },
    git: [],
    jobId: "bbbbbbbb",
    depth: 2,
  });
  assert.deepEqual(env, {
    PATH: "/usr/bin",
    HOME: "/home/dev",
    OPENAI_API_KEY: "other",
    CLAUDE_CODE_OAUTH_TOKEN: "t",
    CLAUDE_CODE_USE_BEDROCK: "1",
    AGENT_ASYNC_HOME: "/state",
    QUIET: "1",
    AGENT_ASYNC_JOB_ID: "bbbbbbbb",
    AGENT_ASYNC_DEPTH: "2",
  });
});

Deno.test("agentEnvironment gives git its settings behind those that the host gives it", async () => {
  const layers = { configured: {}, driver: {}, jobId: "bbbbbbbb", depth: 1 };
  const host = {
    PATH: Deno.env.get("PATH") ?? "",
    GIT_CONFIG_PARAMETERS: "'core.fsmonitor=./x'",
    GIT_PAGER: "less",
  };
  const marks = { AGENT_ASYNC_JOB_ID: "bbbbbbbb", AGENT_ASYNC_DEPTH: "1" };
  assert.deepEqual(agentEnvironment({ ...layers, host, git: [] }), { ...host, ...marks });
  const git = [
    { key: "core.fsmonitor", value: "false" },
    { key: "alias.x", value: "" },
    { key: 'diff.it\'s="!".command', value: "a 'b' $c \\ !\n=d" },
  ];
  const env = agentEnvironment({ ...layers, host, git });
  assert.deepEqual([env.GIT_PAGER, env.GIT_NO_LAZY_FETCH], ["cat", "1"]);
  for (const { key, value } of git) {
    const { stdout, stderr } = await new Deno.Command("git", {
      args: ["config", "-z", key],
      clearEnv: true,
      env,
    })
      .output();
    assert.equal(new TextDecoder().decode(stdout), `${value}\0`, new TextDecoder().decode(stderr));
  }
  // No variable that an agent takes for a secret, and so keeps from its commands.
  const added = Object.keys(env).filter((name) => !(name in host) && !(name in marks));
  assert.deepEqual(added.filter((name) => /KEY|TOKEN|SECRET/.test(name)), []);
});
