/**
 * Tests of room `agents`: the talk with `codex app-server`, on what a real one has said and on odd words.
 *
 * @module
 */
import assert from "node:assert/strict";
import { codexLive } from "../../src/agents/codex/live/driver.ts";
import type { Talk, TalkContext } from "../../src/agents/live_driver.ts";
import type { Reading } from "../../src/agents/turn_reader.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { recordedTalk } from "../support/recorded_codex_talk.ts";

const CONTEXT: TalkContext = {
  sessionId: null,
  sessionUsage: null,
  startedAt: 0,
  cwd: "/home/dev/repo",
  policy: "ask",
  model: null,
  newSessionId: "",
  mcp: "none",
  mcpServers: [],
  gitDirs: [],
  tempDirs: [],
  nestedRepositories: [],
  untrustedRoots: [],
  version: null,
};

function begun(over: Partial<TalkContext> = {}): Talk {
  const talk = codexLive.talk({ ...CONTEXT, ...over });
  talk.apply({ kind: "open" });
  talk.apply({ kind: "prompt", text: "Go." });
  return talk;
}

function line(message: Record<string, unknown>): string {
  return JSON.stringify(message);
}

const THREAD = line({ id: "thread", result: { thread: { id: "t1" }, cwd: "/home/dev/repo", model: "m" } });
const TURN = line({ id: "turn", result: { turn: { id: "u1", status: "inProgress" } } });

/** A talk whose turn runs. */
function running(over: Partial<TalkContext> = {}): Talk {
  const talk = begun(over);
  for (const each of [line({ id: "initialize", result: {} }), THREAD, TURN]) talk.read(each);
  return talk;
}

function notified(method: string, params: Record<string, unknown>): string {
  return line({ method, params: { threadId: "t1", turnId: "u1", ...params } });
}

function saidBy({ says = [] }: Reading): unknown[] {
  return says.map(({ line }) => JSON.parse(line));
}

function withoutUsage(events: readonly EventBody[]): EventBody[] {
  return events.filter(({ type }) => type !== "usage");
}

Deno.test("a recorded approval of a command is a question, and its answer is acknowledged", () => {
  const talk = begun();
  const readings = recordedTalk("approval-command").map((each) => {
    const reading = talk.read(each);
    const [asked] = reading.asks ?? [];
    return asked === undefined ? [reading] : [
      reading,
      talk.apply({ kind: "answer", question_id: asked.question_id, answer: { option: "allow" } }),
    ];
  }).flat();
  assert.deepEqual(
    readings.flatMap(({ asks = [] }) => asks).map(({ question_id, title, detail }) => ({
      question_id,
      title,
      detail,
    })),
    [{
      question_id: "0",
      title: "Run: touch /home/dev/outside-esc && echo escok",
      detail: "touch /home/dev/outside-esc && echo escok\n\nCodex's reason: Need to write outside",
    }],
  );
  assert.deepEqual(readings.flatMap(({ says = [] }) => says).filter(({ key }) => key.startsWith("reply:")), [
    { key: "reply:0", line: '{"id":0,"result":{"decision":"accept"}}', isAcknowledged: true },
  ]);
  assert.deepEqual(readings.flatMap(({ heard = [] }) => heard), ["initialize", "thread", "turn", "reply:0"]);
  const events = withoutUsage(readings.flatMap(({ events }) => events));
  assert.deepEqual(events.map(({ type }) => type), [
    "session",
    "command",
    "command",
    "command",
    "command",
    "message",
  ]);
  assert.deepEqual(readings.findLast(({ terminal }) => terminal !== undefined)?.terminal, { ok: true });
  assert.ok(talk.isOver);
});

Deno.test("recorded approvals of changes show what is added, changed and deleted", () => {
  const talk = begun();
  const asked = recordedTalk("approval-filechange").flatMap((each) => talk.read(each).asks ?? []);
  assert.deepEqual(asked.slice(0, 3).map(({ title, detail }) => ({ title, detail })), [
    {
      title: "Change new.txt, sub/b.txt",
      detail: "--- /dev/null\n+++ /home/dev/repo/new.txt\n+hello\n+world\n\n" +
        "--- /dev/null\n+++ /home/dev/repo/sub/b.txt\n+b",
    },
    {
      title: "Change new.txt",
      detail:
        "--- /home/dev/repo/new.txt\n+++ /home/dev/repo/new.txt\n@@ -1,2 +1,2 @@\n hello\n-world\n+there",
    },
    { title: "Change sub/b.txt", detail: "--- /home/dev/repo/sub/b.txt\n+++ /dev/null\n-b" },
  ]);
});

Deno.test("a recorded call of an MCP tool is asked for with its arguments", () => {
  const talk = begun();
  const asked = recordedTalk("approval-mcp").flatMap((each) => talk.read(each).asks ?? []);
  assert.deepEqual(asked.map(({ kind, title, detail }) => ({ kind, title, detail })), [{
    kind: "approval",
    title: "Use the tool write of the MCP server stub",
    detail: '{\n  "text": "w"\n}\n\nThe server describes the tool so: Write thing (no annotations)',
  }]);
});

Deno.test("a recorded failure is transient as long as Codex tries again, and told once when it gives up", () => {
  const talk = begun({ policy: "suggest" });
  const readings = recordedTalk("turn-failed").map((each) => talk.read(each));
  assert.deepEqual(withoutUsage(readings.flatMap(({ events }) => events)).slice(1), [
    {
      type: "error",
      message:
        "Reconnecting... 1/1 (We’re currently experiencing high demand, which may cause temporary errors.)",
      transient: true,
    },
    {
      type: "error",
      message: "We’re currently experiencing high demand, which may cause temporary errors.",
      transient: false,
    },
  ]);
  assert.deepEqual(readings.at(-1)?.terminal, {
    ok: false,
    failure: {
      reason: "agent_error",
      message: "We’re currently experiencing high demand, which may cause temporary errors.",
      hint: "The model's server has trouble: continue later with job_reply.",
      retry_at: null,
    },
  });
});

Deno.test("the kind of a failure is read where its text tells nothing", () => {
  const reasons = (info: unknown) => {
    const error = { message: "Alas.", codexErrorInfo: info };
    const reading = running().read(
      notified("turn/completed", { turn: { id: "u1", status: "failed", error } }),
    );
    return reading.terminal?.ok === false ? reading.terminal.failure.reason : null;
  };
  assert.equal(reasons("unauthorized"), "auth_required");
  assert.equal(reasons({ httpConnectionFailed: { httpStatusCode: 401 } }), "auth_required");
  assert.equal(reasons("usageLimitExceeded"), "quota_exhausted");
  assert.equal(reasons({ responseTooManyFailedAttempts: { httpStatusCode: 429 } }), "quota_exhausted");
  assert.equal(reasons("someLaterKind"), "agent_error");
});

Deno.test("the handshake never names a directory, which would make Codex trust the project", () => {
  const talk = codexLive.talk(CONTEXT);
  const said = saidBy(talk.apply({ kind: "open" }));
  assert.deepEqual(said.slice(1), [
    { method: "initialized" },
    {
      id: "thread",
      method: "thread/start",
      params: { approvalPolicy: "on-request", approvalsReviewer: "user", sandbox: "workspace-write" },
    },
  ]);
  assert.ok(!JSON.stringify(said).includes("/home/dev"));
});

Deno.test("each policy is one of Codex's approval policies with the sandbox that fits", () => {
  const opened = (over: Partial<TalkContext>) => {
    const said = saidBy(codexLive.talk({ ...CONTEXT, ...over }).apply({ kind: "open" }));
    return said.at(-1) as { method: string; params: Record<string, unknown> };
  };
  assert.deepEqual(opened({ policy: "suggest" }).params, { approvalPolicy: "never", sandbox: "read-only" });
  assert.deepEqual(opened({ policy: "full-auto", model: "m" }).params, {
    model: "m",
    approvalPolicy: "never",
    sandbox: "danger-full-access",
  });
  const nested = ["/home/dev/repo/nested"];
  assert.deepEqual(opened({ policy: "auto-edit", nestedRepositories: nested, sessionId: "t0" }), {
    id: "thread",
    method: "thread/resume",
    params: {
      threadId: "t0",
      excludeTurns: true,
      approvalPolicy: "never",
      sandbox: "workspace-write",
      runtimeWorkspaceRoots: ["/home/dev/repo", ...nested],
    },
  });
});

Deno.test("the prompt waits for the thread, and the thread for the prompt", () => {
  const turn = [{
    id: "turn",
    method: "turn/start",
    params: { threadId: "t1", input: [{ type: "text", text: "Go.", text_elements: [] }] },
  }];
  assert.deepEqual(saidBy(begun().read(THREAD)), turn);
  const talk = codexLive.talk(CONTEXT);
  talk.apply({ kind: "open" });
  assert.deepEqual(saidBy(talk.read(THREAD)), []);
  assert.deepEqual(saidBy(talk.apply({ kind: "prompt", text: "Go." })), turn);
});

Deno.test("a turn brings what its thread was not given: the directory, and roots for an older version", () => {
  const sandbox = { type: "workspaceWrite", writableRoots: ["/memories"], networkAccess: false };
  const thread = line({ id: "thread", result: { thread: { id: "t1" }, cwd: "/elsewhere", sandbox } });
  const [turn] = saidBy(begun({ nestedRepositories: ["/home/dev/repo/nested"] }).read(thread));
  assert.deepEqual(turn, {
    id: "turn",
    method: "turn/start",
    params: {
      threadId: "t1",
      input: [{ type: "text", text: "Go.", text_elements: [] }],
      cwd: "/home/dev/repo",
      sandboxPolicy: { ...sandbox, writableRoots: ["/memories", "/home/dev/repo/nested"] },
    },
  });
});

Deno.test("a schema that a strict server takes is the turn's, and any other is left to the prompt", () => {
  const schema = { type: "object", properties: {}, required: [], additionalProperties: false };
  const turn = (resultSchema: Record<string, unknown>) => {
    const [said] = saidBy(begun({ resultSchema }).read(THREAD)) as { params: Record<string, unknown> }[];
    return said?.params["outputSchema"];
  };
  assert.deepEqual(turn(schema), schema);
  assert.equal(turn({ type: "object" }), undefined);
});

Deno.test("the command line closes what would start before the first word, and takes what the server knows", () => {
  const { resultSchema: _resultSchema, ...context } = CONTEXT;
  const plan = {
    ...context,
    policy: "auto-edit",
    executable: "codex",
    promptFile: "",
    scratchDir: "",
    isRoot: false,
    extraArgs: ["-c", "x=1"],
    mcpServers: ["a b"],
    untrustedRoots: ["/home/dev/repo"],
    gitDirs: ["/tmp/bare"],
    tempDirs: ["/tmp"],
  } as const;
  const base = [
    "app-server",
    ...["-c", "features.unbounded_connection_retries=false"],
    ...["-c", 'projects={"/home/dev/repo"={trust_level="untrusted"}}'],
    ...["-c", "features.plugins=false", "-c", "features.apps=false"],
    ...["-c", 'mcp_servers={"a b"={enabled=false}}'],
  ];
  const closed = ["exclude_slash_tmp", "exclude_tmpdir_env_var"].flatMap((
    name,
  ) => ["-c", `sandbox_workspace_write.${name}=true`]);
  assert.deepEqual(codexLive.command(plan), {
    args: [...base, ...closed, "-c", "x=1"],
    env: {},
    stdin: "channel",
  });
  assert.deepEqual(codexLive.command({ ...plan, policy: "ask" }).args.slice(base.length + closed.length), [
    ...["-c", "features.default_mode_request_user_input=true"],
    ...["-c", "suppress_unstable_features_warning=true"],
    ...["-c", "x=1"],
  ]);
  for (const args of [[], ["-c", "a=1", "--enable", "x"], ["-ca=1", "--config=a=1", "--strict-config"]]) {
    assert.equal(codexLive.takesArgs?.(args), true, `${args}`);
  }
  for (const args of [["-p", "work"], ["--oss"], ["-c", "a=1", "--add-dir", "/x"], ["-s", "read-only"]]) {
    assert.equal(codexLive.takesArgs?.(args), false, `${args}`);
  }
});

Deno.test("another thread than the one that was asked for does no work", () => {
  const talk = begun({ sessionId: "t0" });
  const reading = talk.read(THREAD);
  assert.equal(reading.says, undefined);
  assert.equal(reading.terminal?.ok, false);
  assert.equal(reading.events[0]?.type, "warning");
  assert.ok(talk.isOver);
});

Deno.test("a request that is not known gets an error, and an id of ours that it carries means nothing", () => {
  const talk = running();
  const reading = talk.read(line({ id: "turn", method: "item/tool/call", params: { threadId: "t1" } }));
  assert.deepEqual(reading, {
    events: [],
    says: [{
      key: 'reply:"turn"',
      line: '{"id":"turn","error":{"code":-32601,"message":"agent-async does not know item/tool/call"}}',
      isAcknowledged: false,
    }],
  });
});

Deno.test("a question that Codex asks no longer is withdrawn, and an answer to it says nothing", () => {
  const talk = running();
  const [asked] = talk.read(approval(7, "ls")).asks ?? [];
  assert.equal(asked?.question_id, "7");
  assert.deepEqual(talk.read(notified("serverRequest/resolved", { requestId: 7 })), {
    events: [],
    withdraws: ["7"],
  });
  assert.deepEqual(talk.apply({ kind: "answer", question_id: "7", answer: { option: "allow" } }), {
    events: [],
  });
});

Deno.test("a question that nobody answers is declined, and the turn goes on", () => {
  const talk = running();
  talk.read(approval(7, "ls"));
  const reading = talk.apply({ kind: "refuse", question_id: "7", why: "Nobody is there" });
  assert.deepEqual(saidBy(reading), [{ id: 7, result: { decision: "decline" } }]);
});

Deno.test("under a policy that asks nobody, every kind of request is refused at once", () => {
  for (
    const [method, params, result] of [
      ["item/commandExecution/requestApproval", { command: "ls" }, { decision: "decline" }],
      ["item/fileChange/requestApproval", { itemId: "i" }, { decision: "decline" }],
      ["item/permissions/requestApproval", { permissions: { network: { enabled: true } } }, {
        permissions: {},
        scope: "turn",
      }],
      ["item/tool/requestUserInput", {
        questions: [{ id: "a", question: "A?" }, { id: "b", question: "B?" }],
      }, {
        answers: {},
      }],
      ["mcpServer/elicitation/request", { serverName: "s", message: "Hm?" }, {
        action: "decline",
        content: null,
        _meta: null,
      }],
    ] as const
  ) {
    const reading = running({ policy: "auto-edit" }).read(line({ id: 3, method, params: { ...params } }));
    assert.equal(reading.asks, undefined);
    assert.deepEqual(saidBy(reading), [{ id: 3, result }], method);
  }
});

Deno.test("more permissions are given for the turn alone, and only those that were asked for", () => {
  const talk = running();
  const permissions = { network: { enabled: true }, fileSystem: null };
  const method = "item/permissions/requestApproval";
  const [asked] =
    talk.read(line({ id: 3, method, params: { permissions, cwd: "/tmp", reason: "Why not" } })).asks ??
      [];
  assert.equal(
    asked?.detail,
    'It wants:\n{\n  "network": {\n    "enabled": true\n  },\n  "fileSystem": null\n}\n\nIn /tmp\n\n' +
      "Codex's reason: Why not",
  );
  assert.deepEqual(saidBy(talk.apply({ kind: "answer", question_id: "3", answer: { option: "allow" } })), [
    { id: 3, result: { permissions: { network: { enabled: true } }, scope: "turn" } },
  ]);
});

Deno.test("words beside an answer are more to consider", () => {
  const talk = running();
  talk.read(approval(7, "ls"));
  const answer = { option: "reject", text: " Use find " };
  assert.deepEqual(saidBy(talk.apply({ kind: "answer", question_id: "7", answer })), [
    { id: 7, result: { decision: "decline" } },
    {
      id: "remark:7",
      method: "turn/steer",
      params: {
        threadId: "t1",
        expectedTurnId: "u1",
        input: [{ type: "text", text: "Use find", text_elements: [] }],
      },
    },
  ]);
});

Deno.test("a steer waits for the turn, and is told by Codex's answer", () => {
  const talk = begun();
  assert.deepEqual(talk.apply({ kind: "steer", key: "a:b", text: "Wait" }), { events: [] });
  talk.read(THREAD);
  const [steer] = talk.read(TURN).says ?? [];
  assert.equal(steer?.key, "steer:a:b");
  assert.deepEqual(talk.read(line({ id: "steer:a:b", result: { turnId: "u1" } })), {
    events: [],
    heard: ["steer:a:b"],
    steered: [{ key: "a:b", how: "injected" }],
  });
  talk.apply({ kind: "steer", key: "c", text: "Late" });
  assert.deepEqual(talk.read(line({ id: "steer:c", error: { code: -32600, message: "no active turn" } })), {
    events: [],
    heard: ["steer:c"],
    steered: [{ key: "c", how: "refused" }],
  });
});

Deno.test("an interrupt before the turn ends the talk, and one in it is said once its id is known", () => {
  const early = codexLive.talk(CONTEXT);
  early.apply({ kind: "open" });
  early.read(THREAD);
  assert.equal(early.apply({ kind: "interrupt" }).terminal?.ok, false);
  assert.ok(early.isOver);
  assert.deepEqual(early.apply({ kind: "prompt", text: "Go." }), { events: [], says: [] });

  const talk = begun();
  talk.read(THREAD);
  assert.deepEqual(talk.apply({ kind: "interrupt" }), { events: [] });
  assert.deepEqual(saidBy(talk.read(TURN)), [
    { id: "interrupt:u1", method: "turn/interrupt", params: { threadId: "t1", turnId: "u1" } },
    { id: "clean:u1", method: "thread/backgroundTerminals/clean", params: { threadId: "t1" } },
  ]);
  assert.deepEqual(saidBy(talk.apply({ kind: "interrupt" })), []);
});

Deno.test("what is not known is kept as it came, and what is known to be noise is not", () => {
  const talk = running();
  for (
    const odd of [
      "no JSON",
      "[1]",
      line({ odd: true }),
      notified("thread/novelty", {}),
      line({ id: 99, result: {} }),
    ]
  ) {
    assert.deepEqual(talk.read(odd), { events: [{ type: "raw", text: odd }] });
  }
  const item = notified("item/completed", { item: { type: "novelty", id: "n" } });
  assert.deepEqual(talk.read(item), { events: [{ type: "raw", text: item }] });
  for (
    const noise of [
      "",
      notified("item/agentMessage/delta", { delta: "x" }),
      notified("turn/diff/updated", {}),
      THREAD,
    ]
      .slice(0, 3)
  ) {
    assert.deepEqual(talk.read(noise), { events: [] });
  }
});

Deno.test("no shape of a known message makes the talk fail", () => {
  const lines = ["approval-command", "approval-filechange", "approval-mcp", "turn-failed"].flatMap(
    recordedTalk,
  );
  const odd = [null, 0, "", [], {}, "odd", [null]];
  for (const each of lines) {
    const message = JSON.parse(each);
    for (const value of odd) {
      for (const member of ["params", "result", "error"]) {
        const talk = running();
        talk.read(line({ ...message, [member]: value }));
        for (const name of Object.keys(message[member] ?? {})) {
          talk.read(line({ ...message, [member]: { ...message[member], [name]: value } }));
        }
        talk.finish();
      }
    }
  }
});

Deno.test("usage is the turn's own, with that of sub-agents, and by the count before the turn", () => {
  const counts = (inputTokens: number) => ({
    inputTokens,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningOutputTokens: 0,
    totalTokens: inputTokens,
  });
  const counted = (threadId: string, turnId: string, total: number, last: number) =>
    line({
      method: "thread/tokenUsage/updated",
      params: { threadId, turnId, tokenUsage: { total: counts(total), last: counts(last) } },
    });
  const talk = begun({ sessionId: "t1" });
  talk.read(THREAD);
  assert.deepEqual(talk.read(counted("t1", "u0", 1000, 10)), { events: [] });
  talk.read(TURN);
  const used = (each: string) => {
    const [event] = talk.read(each).events;
    return event?.type === "usage" ? [event.usage.total_tokens, event.session_usage?.total_tokens] : null;
  };
  assert.deepEqual(used(counted("t1", "u1", 1100, 100)), [100, 1100]);
  assert.deepEqual(used(counted("other", "v1", 5020, 20)), [120, 1100]);
  assert.deepEqual(used(counted("other", "v1", 5050, 30)), [150, 1100]);
  assert.deepEqual(used(counted("t1", "u1", 1300, 200)), [350, 1300]);
});

Deno.test("of a sub-agent, what it does is told and not what it says", () => {
  const talk = running();
  const item = (value: Record<string, unknown>) =>
    line({ method: "item/completed", params: { threadId: "other", turnId: "v1", item: value } });
  assert.deepEqual(talk.read(item({ type: "agentMessage", id: "m", text: "My answer" })), { events: [] });
  const { events } = talk.read(
    item({ type: "commandExecution", id: "c", command: "ls", status: "completed", exitCode: 0 }),
  );
  assert.deepEqual(events.at(-1), {
    type: "command",
    id: "c",
    state: "completed",
    command: "ls",
    exit_code: 0,
  });
  assert.deepEqual(
    talk.read(
      line({
        method: "turn/completed",
        params: { threadId: "other", turn: { id: "v1", status: "completed" } },
      }),
    ),
    { events: [] },
  );
  assert.ok(!talk.isOver);
});

Deno.test("a turn that goes on after its last word will have another one", () => {
  const talk = running();
  const completed = (id: string) => notified("turn/completed", { turn: { id, status: "completed" } });
  assert.deepEqual(talk.read(completed("u1")).terminal, { ok: true });
  const started = notified("turn/started", { turn: { id: "u2", status: "inProgress" } });
  assert.deepEqual(talk.read(started), { events: [], resumes: true });
  assert.ok(!talk.isOver);
  assert.deepEqual(talk.read(completed("u2")).terminal, { ok: true });
});

function approval(id: number, command: string): string {
  return line({ id, method: "item/commandExecution/requestApproval", params: { threadId: "t1", command } });
}
