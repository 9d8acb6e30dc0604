/**
 * Resources and prompts through the real server.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { daemonPid, HostSession, shutDown } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";

async function read(host: HostSession, uri: string): Promise<{ mimeType: string; text: string }> {
  const { contents } = await host.mcp.client.readResource({ uri });
  const [only, ...more] = z.array(z.object({ uri: z.literal(uri), mimeType: z.string(), text: z.string() }))
    .parse(
      contents,
    );
  assert.ok(only !== undefined && more.length === 0);
  return only;
}

Deno.test("resources: lists and templates need no daemon and start none", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const { client } = host.mcp;
  const { resources } = await client.listResources();
  assert.deepEqual(resources.map(({ uri }) => uri), ["job://"]);
  const { resourceTemplates } = await client.listResourceTemplates();
  assert.deepEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate), [
    "job://{job_id}",
    "job://{job_id}/output",
    "job://{job_id}/events",
  ]);
  await client.listPrompts();
  await client.listTools();
  assert.equal(daemonPid(state), null);
});

Deno.test("resources: a job, its transcript, its events and the list of jobs", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const id = await host.start("run echo hello\nsay all done");
  const job = await host.ended(id);

  const { resources } = await host.mcp.client.listResources();
  assert.deepEqual(resources.map(({ uri }) => uri), ["job://", `job://${id}`]);
  assert.equal(resources[1]?.title, 'codex, done: "run echo hello say all done"');

  const whole = await read(host, `job://${id}`);
  assert.equal(whole.mimeType, "application/json");
  assert.deepEqual(JSON.parse(whole.text), job);

  const output = await read(host, `job://${id}/output`);
  assert.equal(output.mimeType, "text/plain");
  assert.equal(output.text, Deno.readTextFileSync(`${state.home}/jobs/${id}/output.txt`));
  assert.match(output.text, /\$ echo hello\n {2}hello\n/);

  const events = await read(host, `job://${id}/events`);
  assert.equal(events.mimeType, "application/x-ndjson");
  const lines = events.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((event) => event.seq), lines.map((_, index) => index + 1));
  assert.equal(lines.length, job.cursor);
  assert.ok(lines.some((event) => event.type === "message" && event.text === "all done"));

  const list = JSON.parse((await read(host, "job://")).text);
  assert.deepEqual([list.total, list.jobs[0].job_id], [1, id]);
  await shutDown(state);
});

Deno.test("resources: long ones are cut at their beginning and say where the whole is", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const id = await host.start(
    `${Array.from({ length: 700 }, (_, n) => `say ${n} ${"x".repeat(100)}`).join("\n")}\nsay the end`,
  );
  await host.ended(id);
  const output = await read(host, `job://${id}/output`);
  assert.ok(output.text.length < 40_000);
  assert.match(
    output.text,
    new RegExp(`^\\[\\.\\.\\. \\d+ characters before this: .*/${id}/output\\.txt\\]\\n`),
  );
  const [, before] = /^\[\.\.\. (\d+) characters/.exec(output.text) ?? [];
  const file = Deno.readTextFileSync(`${state.home}/jobs/${id}/output.txt`);
  assert.equal(Number(before) + output.text.slice(output.text.indexOf("\n") + 1).length, file.length);
  const events = await read(host, `job://${id}/events`);
  assert.ok(events.text.length < 40_000);
  const last = JSON.parse(events.text.trimEnd().split("\n").at(-1) ?? "");
  assert.equal(last.seq, (await host.poll(id)).cursor);
  await shutDown(state);
});

Deno.test("resources: what is not there is refused by its code", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  for (
    const uri of [
      "job://00000000",
      "job://00000000/output",
      "job://nonsense",
      "job://00000000/secrets",
      "file:///",
    ]
  ) {
    await assert.rejects(host.mcp.client.readResource({ uri }), { code: -32002 }, uri);
  }
  await shutDown(state);
});

Deno.test("prompts: delegate tells how to delegate, jobs what to report; faults name the argument", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const { client } = host.mcp;
  const { prompts } = await client.listPrompts();
  assert.deepEqual(
    prompts.map(({ name, arguments: given }) => [name, given?.map((argument) => argument.name)]),
    [["delegate", ["agent", "task"]], ["race", ["agents", "task", "check"]], ["jobs", []]],
  );
  const text = async (name: string, args: Record<string, string> = {}) => {
    const { messages } = await client.getPrompt({ name, arguments: args });
    const [message] = messages;
    assert.ok(messages.length === 1 && message?.role === "user" && message.content.type === "text");
    return message.content.text;
  };
  const delegate = await text("delegate", { agent: "Claude", task: "mend job_wait" });
  assert.match(
    delegate,
    /to Claude Code as a background job[^]*job_start with agent "claude"[^]*job_wait[^]*review[^]*\nmend job_wait$/,
  );
  assert.match(await text("jobs"), /queue_status.*job_list/);
  await assert.rejects(client.getPrompt({ name: "delegate", arguments: { agent: "codex" } }), {
    code: -32602,
    message: /arguments\.task/,
  });
  await assert.rejects(client.getPrompt({ name: "nothing" }), {
    code: -32602,
    message: /delegate, race, jobs/,
  });

  await using codexOnly = await HostSession.start(state, ["mcp", "--toolsets", "codex"]);
  const { messages: [message] } = await codexOnly.mcp.client.getPrompt({ name: "jobs" });
  assert.ok(message?.content.type === "text");
  assert.match(message.content.text, /codex_queue_status.*codex_list/);
  assert.equal(await eventually(() => daemonPid(state) === null, { what: "no daemon" }), true);
});
