/**
 * Tests of room `agents`: talks with the real Codex CLI and the scripted model.
 *
 * @module
 */
import assert from "node:assert/strict";
import { codexLive } from "../../src/agents/codex/live/driver.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { addFile, cutStream, mcpCall, refuse, shell, text, usageLimit } from "../model/scenario.ts";
import { CodexTalks, escalated } from "../support/codex_talks.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { refolded, type RunningTalk } from "../support/run_talk.ts";

function states(events: readonly EventBody[]): string[] {
  return events.flatMap((event) => "state" in event ? [`${event.type} ${event.state}`] : []);
}

/** A later daemon that folds the same lines and inputs says and knows the same. */
function assertSame(talk: RunningTalk): void {
  const again = refolded(codexLive, talk);
  assert.deepEqual(again, { events: talk.events, said: talk.said, asked: talk.asked, isOver: true });
}

Deno.test("a turn of Codex that asks nothing gives the events of the one-way driver", async () => {
  await using stage = await CodexTalks.set();
  stage.model.script("default", [
    { items: [shell("echo hi; exit 3")] },
    addFile("new.txt", "x\n"),
    text("fine"),
  ]);
  const talk = stage.talk("Go.", { policy: "auto-edit" });
  const run = await talk.ended;
  assert.equal(run.code, 0);
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  assert.equal(stage.file("new.txt"), "x\n");
  const [session] = run.events;
  assert.ok(session?.type === "session");
  const usage = { input_tokens: 300, cached_input_tokens: 60, output_tokens: 30, reasoning_tokens: 9 };
  const [command, change] = run.events.flatMap((event) => "id" in event ? [event.id] : []).filter((
    id,
    i,
    all,
  ) => all.indexOf(id) === i);
  assert.deepEqual(run.events.filter((event) => event.type !== "usage"), [
    { type: "session", session_id: session.session_id, model: "gpt-5.5" },
    { type: "command", id: command, state: "started", command: "echo hi; exit 3" },
    {
      type: "command",
      id: command,
      state: "failed",
      command: "echo hi; exit 3",
      exit_code: 3,
      output: "hi\n",
    },
    {
      type: "file_change",
      id: change,
      state: "started",
      changes: [{ path: `${stage.home.cwd}/new.txt`, kind: "add" }],
    },
    {
      type: "file_change",
      id: change,
      state: "completed",
      changes: [{ path: `${stage.home.cwd}/new.txt`, kind: "add" }],
    },
    { type: "message", text: "fine" },
  ]);
  const counted = run.events.filter((event) => event.type === "usage");
  assert.deepEqual(counted.map(({ usage, so_far }) => [usage.total_tokens, so_far]), [
    [110, true],
    [220, true],
    [330, true],
    [330, undefined],
  ]);
  assert.deepEqual(counted.at(-1), {
    type: "usage",
    usage: { ...usage, total_tokens: 330 },
    session_usage: { ...usage, total_tokens: 330 },
  });
  assertSame(talk);
});

Deno.test("a command that Codex asks for runs when it is allowed, and is declined when it is rejected", async () => {
  await using stage = await CodexTalks.set();
  stage.model.script("default", [
    escalated("echo a > allowed.txt"),
    escalated("echo b > rejected.txt"),
    text("done"),
  ]);
  const talk = stage.talk("Go.", { policy: "ask" });
  const first = await talk.question(0);
  assert.deepEqual(first, {
    question_id: "0",
    kind: "approval",
    title: "Run: echo a > allowed.txt",
    detail: "echo a > allowed.txt\n\nCodex's reason: It is harmless, believe me",
    options: [
      { id: "allow", label: "Allow this once", kind: "allow" },
      { id: "reject", label: "Reject", kind: "reject" },
    ],
  });
  talk.answer(first, { option: "allow" });
  talk.answer(await talk.question(1), { option: "reject", text: "Write to other.txt instead" });
  const run = await talk.ended;
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  assert.equal(stage.file("allowed.txt"), "a\n");
  assert.equal(stage.file("rejected.txt"), null);
  assert.deepEqual(states(run.events), [
    "command started",
    "command completed",
    "command started",
    "command declined",
  ]);
  assert.ok(stage.model.prompts().some((prompt) => prompt === "Write to other.txt instead"));
  assertSame(talk);
});

Deno.test("a change of files is asked for with its diff", async () => {
  await using stage = await CodexTalks.set();
  const outside = `${stage.home.path}/outside.txt`;
  stage.model.script("default", [addFile(outside, "one\ntwo\n"), addFile(outside, "three\n"), text("done")]);
  const talk = stage.talk("Go.", { policy: "ask" });
  const first = await talk.question(0);
  assert.deepEqual({ title: first.title, detail: first.detail }, {
    title: `Change ${outside}`,
    detail: `--- /dev/null\n+++ ${outside}\n+one\n+two`,
  });
  talk.answer(first, { option: "reject" });
  talk.answer(await talk.question(1), { option: "allow" });
  const run = await talk.ended;
  assert.equal(Deno.readTextFileSync(outside), "three\n");
  assert.deepEqual(states(run.events), [
    "file_change started",
    "file_change declined",
    "file_change started",
    "file_change completed",
  ]);
  assertSame(talk);
});

Deno.test("what the model asks its user is one question each, answered together", async () => {
  await using stage = await CodexTalks.set();
  const options = [{ label: "blue", description: "as the sky" }, { label: "red", description: "as blood" }];
  stage.model.script("default", [
    {
      kind: "tool",
      tool: "request_user_input",
      arguments: {
        questions: [
          { id: "color", header: "Color", question: "Which color?", options },
          { id: "size", header: "Size", question: "Which size?", options },
        ],
      },
    },
    text("done"),
  ]);
  const talk = stage.talk("Go.", { policy: "ask" });
  const color = await talk.question(0);
  assert.deepEqual(color, {
    question_id: "0.1",
    kind: "choice",
    title: "Which color?",
    detail: "[Color]\nWhich color?\n1. blue: as the sky\n2. red: as blood",
    options: [
      { id: "1", label: "blue" },
      { id: "2", label: "red" },
      { id: "other", label: "None of these (say what, in words)" },
    ],
  });
  talk.answer(color, { option: "1" });
  talk.answer(await talk.question(1), { option: "other", text: "huge" });
  const run = await talk.ended;
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  const told = JSON.stringify(stage.model.modelRequests().at(-1)?.body);
  assert.ok(told.includes('\\"color\\":{\\"answers\\":[\\"blue\\"]}'), told);
  assert.ok(
    told.includes('\\"size\\":{\\"answers\\":[\\"None of the above\\",\\"user_note: huge\\"]}'),
    told,
  );
  assertSame(talk);
});

Deno.test("more to consider is injected into the running turn", async () => {
  await using stage = await CodexTalks.set();
  const { promise: steered, resolve: goOn } = Promise.withResolvers<void>();
  stage.model.script("default", [{ items: [shell("true")], after: steered }, text("done")]);
  const talk = stage.talk("Go.", { policy: "auto-edit" });
  talk.apply({ kind: "steer", key: "k1", text: "Early words" });
  await eventually(() => stage.model.modelRequests().length > 0, { what: "the model is asked" });
  talk.apply({ kind: "steer", key: "k2", text: "Late words" });
  await eventually(() => talk.steered.length === 2, { what: "both are taken" });
  goOn();
  const run = await talk.ended;
  assert.deepEqual(talk.steered, [{ key: "k1", how: "injected" }, { key: "k2", how: "injected" }]);
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  const asked = JSON.stringify(stage.model.modelRequests().at(-1)?.body);
  assert.ok(asked.includes("Early words") && asked.includes("Late words"));
  talk.apply({ kind: "steer", key: "k3", text: "Too late" });
  assert.deepEqual(talk.steered.at(-1), { key: "k3", how: "refused" });
});

Deno.test("an interrupt ends the turn and the commands that run in it", async () => {
  await using stage = await CodexTalks.set();
  stage.model.script("default", [shell("touch begun; trap '' TERM; sleep 7391 & sleep 7392"), text("no")]);
  const talk = stage.talk("Go.", { policy: "full-auto" });
  await eventually(() => stage.file("begun") !== null, { what: "the command has begun" });
  const children = () => running(/^sleep 739[12]$/);
  await eventually(() => children().length >= 2, { what: "its processes run" });
  await eventually(() => states(talk.events).length === 1, { what: "Codex has told of it" });
  talk.apply({ kind: "interrupt" });
  const run = await talk.ended;
  assert.equal(run.code, 0);
  assert.deepEqual(run.terminal, {
    ok: false,
    failure: {
      reason: "agent_error",
      message: "Codex's turn was interrupted",
      hint: "A reply continues the session.",
      retry_at: null,
    },
  });
  assert.deepEqual(states(run.events), ["command started", "command failed"]);
  assert.deepEqual(children(), []);
  assertSame(talk);
});

/** Command lines of processes of this machine. */
function running(command: RegExp): string[] {
  const { stdout } = new Deno.Command("ps", { args: ["-eo", "args"] }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => command.test(line.trim()));
}

Deno.test("a session is continued, by whichever driver it was begun, and its usage is the turn's own", async () => {
  await using stage = await CodexTalks.set();
  stage.model.script("default", [text("one"), text("two")]);
  const first = await stage.talk("First.", { policy: "auto-edit" }).ended;
  const [session] = first.events;
  assert.ok(session?.type === "session");
  const second = await stage.talk("Second.", { policy: "auto-edit", sessionId: session.session_id }).ended;
  assert.deepEqual(second.events.filter(({ type }) => type === "session" || type === "message"), [
    session,
    { type: "message", text: "two" },
  ]);
  const usage = second.events.findLast((event) => event.type === "usage");
  assert.equal(usage?.usage.total_tokens, 110);
  assert.equal(usage?.session_usage?.total_tokens, 220);
  assert.ok(JSON.stringify(stage.model.modelRequests().at(-1)?.body).includes("First."));
});

Deno.test("a session that is gone is no reason to begin another", async () => {
  await using stage = await CodexTalks.set();
  const talk = stage.talk("Go.", { sessionId: "019f0000-0000-7000-8000-000000000000" });
  const run = await talk.ended;
  assert.equal(run.verdict.status, "error");
  assert.deepEqual(run.terminal, {
    ok: false,
    failure: {
      reason: "agent_error",
      message: "no rollout found for thread id 019f0000-0000-7000-8000-000000000000",
      hint: "Codex has no such session in this CODEX_HOME any more: start a new job.",
      retry_at: null,
    },
  });
  assert.equal(stage.model.modelRequests().length, 0);
});

for (
  const [name, step, reason] of [
    ["401", refuse(401), "auth_required"],
    ["429", refuse(429), "quota_exhausted"],
    ["a usage limit", usageLimit({ resetsInSeconds: 3600 }), "quota_exhausted"],
    ["500", refuse(500), "agent_error"],
    ["a cut stream", cutStream([text("half")]), "agent_error"],
  ] as const
) {
  Deno.test(`${name} fails the turn for its reason`, async () => {
    await using stage = await CodexTalks.set();
    stage.model.script("default", [], step);
    const talk = stage.talk("Go.", { policy: "suggest" });
    const run = await talk.ended;
    assert.ok(run.verdict.status === "error");
    assert.equal(run.verdict.reason, reason);
    assert.ok(run.verdict.hint !== null);
    assert.equal(run.events.filter(({ type }) => type === "error").length, 1);
    assertSame(talk);
  });
}

Deno.test("a call of an MCP tool is asked for, and a server's own question is handed on", async () => {
  await using stage = await CodexTalks.set({ config: server("asking", "mcp/asking_server.ts") });
  stage.model.script("default", [
    mcpCall("asking", "ask_account", { topic: "x" }),
    mcpCall("asking", "ask_account"),
    text("done"),
  ]);
  const talk = stage.talk("Go.", { policy: "ask", mcp: "inherit" });
  const first = await talk.question(0);
  assert.deepEqual({ title: first.title, detail: first.detail }, {
    title: "Use the tool ask_account of the MCP server asking",
    detail: '{\n  "topic": "x"\n}\n\nThe server describes the tool so: Asks for an account',
  });
  talk.answer(first, { option: "reject" });
  talk.answer(await talk.question(1), { option: "allow" });
  const asked = await talk.question(2);
  assert.equal(asked.title, "The MCP server asking asks: Which account?");
  talk.answer(asked, asked.kind === "choice" ? { option: "1" } : { text: "mine" });
  const run = await talk.ended;
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  const calls = run.events.filter((event) => event.type === "tool_call");
  assert.deepEqual(calls.map(({ state }) => state), ["started", "declined", "started", "completed"]);
  assert.ok(calls.at(-1)?.result?.includes("accept"));
  assertSame(talk);
});

Deno.test("nobody is asked under a policy that asks nobody, and the refused action is told as declined", async () => {
  await using stage = await CodexTalks.set({ config: server("asking", "mcp/asking_server.ts") });
  stage.model.script("default", [
    escalated("echo a > a.txt"),
    mcpCall("asking", "ask_account"),
    text("done"),
  ]);
  const talk = stage.talk("Go.", { policy: "auto-edit", mcp: "inherit" });
  const run = await talk.ended;
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  assert.equal(stage.file("a.txt"), null);
  assert.deepEqual(talk.asked, []);
  assert.deepEqual(states(run.events), ["tool_call started", "tool_call declined"]);
  assertSame(talk);
});

Deno.test("the servers of the user's configuration stay off, and a project's settings have no say", async () => {
  await using stage = await CodexTalks.set({
    config: `[mcp_servers.users]\ncommand = "sh"\nargs = ["-c", "touch \\"$HOME/users-started\\""]\n`,
  });
  const { cwd, path } = stage.home;
  git(cwd, "init", "-q");
  Deno.mkdirSync(`${cwd}/.codex`);
  Deno.writeTextFileSync(
    `${cwd}/.codex/config.toml`,
    `[mcp_servers.projects]\ncommand = "sh"\nargs = ["-c", "touch \\"$HOME/projects-started\\""]\n`,
  );
  const before = Deno.readTextFileSync(`${stage.home.codexHome}/config.toml`);
  stage.model.script("default", [], text("done"));
  for (const policy of ["auto-edit", "ask", "full-auto"] as const) {
    const untrustedRoots = policy === "full-auto" ? [] : [cwd];
    const run = await stage.talk("Go.", { policy, mcp: "none", mcpServers: ["users"], untrustedRoots }).ended;
    assert.equal(run.verdict.status, "done");
    assert.deepEqual(run.events.filter(({ type }) => type === "warning"), []);
  }
  const started = [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) => /started/.test(name));
  assert.deepEqual(started, []);
  assert.equal(
    Deno.readTextFileSync(`${stage.home.codexHome}/config.toml`),
    before,
    "nobody has trusted it for the user",
  );
});

for (const version of [undefined, "0.147.0", "0.125.0"]) {
  Deno.test(`what git executes is nobody's to write, in Codex ${version ?? "as pinned"} too`, async () => {
    await using stage = await CodexTalks.set(version === undefined ? {} : { version });
    const { cwd } = stage.home;
    const nested = `${cwd}/nested`;
    for (const place of [cwd, nested]) git(place, "init", "-q");
    stage.model.script("default", [
      shell("echo x > .git/hooks/a; echo x > nested/.git/hooks/b; echo x > nested/ok; echo x > ok"),
      text("done"),
    ]);
    const run = await stage.talk("Go.", {
      policy: "auto-edit",
      gitDirs: [`${cwd}/.git`],
      nestedRepositories: [nested],
    }).ended;
    assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
    assert.deepEqual(
      ["ok", "nested/ok", ".git/hooks/a", "nested/.git/hooks/b"].map((name) => stage.file(name)),
      ["x\n", "x\n", null, null],
    );
  });
}

for (const version of ["0.147.0", "0.125.0"]) {
  Deno.test(`Codex ${version} asks, is answered, and goes on with its session`, async () => {
    await using stage = await CodexTalks.set({ version });
    stage.model.script("default", [
      escalated("echo a > allowed.txt"),
      escalated("echo b > rejected.txt"),
      text("done"),
      text("more"),
    ]);
    const talk = stage.talk("Go.", { policy: "ask" });
    talk.answer(await talk.question(0), { option: "allow" });
    talk.answer(await talk.question(1), { option: "reject" });
    const run = await talk.ended;
    assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
    assert.deepEqual([stage.file("allowed.txt"), stage.file("rejected.txt")], ["a\n", null]);
    assert.deepEqual(states(run.events), [
      "command started",
      "command completed",
      "command started",
      "command declined",
    ]);
    const [session] = run.events;
    assert.ok(session?.type === "session");
    const sessionUsage = run.events.findLast((event) => event.type === "usage")?.session_usage;
    assert.ok(sessionUsage !== undefined);
    const reply = { policy: "auto-edit", sessionId: session.session_id, sessionUsage } as const;
    const again = await stage.talk("More.", reply).ended;
    assert.equal(again.events.findLast((event) => event.type === "message")?.text, "more");
    assert.equal(again.events.findLast((event) => event.type === "usage")?.usage.total_tokens, 110);
    assert.equal(run.events.some(({ type }) => type === "raw"), false);
    assertSame(talk);
  });
}

Deno.test("the schema of the answer reaches the model", async () => {
  await using stage = await CodexTalks.set();
  const resultSchema = {
    type: "object",
    properties: { answer: { type: "number" } },
    required: ["answer"],
    additionalProperties: false,
  };
  stage.model.script("default", [text('{"answer":7}')]);
  await stage.talk("Go.", { policy: "suggest", resultSchema }).ended;
  const { format } = (stage.model.modelRequests().at(-1)?.body as { text: { format: unknown } }).text;
  const { type, schema, strict } = format as Record<string, unknown>;
  assert.deepEqual({ type, schema, strict }, { type: "json_schema", schema: resultSchema, strict: true });
});

function git(cwd: string, ...args: string[]): void {
  Deno.mkdirSync(cwd, { recursive: true });
  const { success } = new Deno.Command("git", { args: ["-C", cwd, ...args] }).outputSync();
  assert.ok(success);
}

function server(name: string, file: string): string {
  const path = fromFileUrl(new URL(`../fixtures/${file}`, import.meta.url));
  return `[mcp_servers.${name}]\ncommand = ${JSON.stringify(Deno.execPath())}\nargs = ["run", "-A", ${
    JSON.stringify(path)
  }]\nstartup_timeout_sec = 120\nrequired = true\n`;
}
