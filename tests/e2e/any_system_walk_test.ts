/**
 * The command line as people walk it, and MCP over stdio with the SDK's client, as this system runs them: no shell, no
 * signals, no `/proc`. Windows runs it too.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { Receipt } from "../../src/service/requests.ts";
import { AnySite } from "../support/any_site.ts";
import { eventually } from "../support/eventually.ts";
import { withoutMarksIn } from "../support/fence_marks.ts";
import { McpProcess } from "../support/mcp_client.ts";

const Started = z.looseObject({ job_id: z.string() });

/** A blank in every path of the walk, and a letter that is none of ASCII. */
const PREFIX = "aa walk ü ";

Deno.test("any system: the command line's walk, in a directory with blanks", async (t) => {
  await using site = new AnySite({ prefix: PREFIX });
  const work = site.workspace("a work tree");
  const start = async (...args: string[]) => Started.parse(JSON.parse(await site.said(args))).job_id;

  await t.step("run prints the answer, and its exit code is the job's", async () => {
    assert.match(await site.said(["run", "-a", "plain", "-C", work, "hello ü"]), /You said: hello ü/);
    const failed = await site.run(["run", "-a", "plain", "-C", work, "exit 9"]);
    assert.equal(failed.code, 1, failed.stdout + failed.stderr);
    assert.match(failed.stdout + failed.stderr, /it would not do it/);
  });

  await t.step("run - takes a prompt of lines that end as on Windows", async () => {
    const said = await site.said(["run", "-a", "plain", "-"], { stdin: "one\r\ntwo\r\n", cwd: work });
    assert.match(said.replaceAll("\r", ""), /You said: one\ntwo/);
  });

  await t.step("start, wait, show, logs, events, list", async () => {
    const id = await start("start", "--json", "-a", "plain", "-C", work, "a task");
    await site.said(["wait", id]);
    const shown = JSON.parse(await site.said(["show", "--json", id]));
    assert.deepEqual([shown.status, shown.result, shown.exit_code], ["done", "You said: a task", 0]);
    assert.equal(Deno.realPathSync(shown.cwd), Deno.realPathSync(work));
    assert.match(await site.said(["logs", id]), /You said: a task/);
    assert.match(await site.said(["events", id]), /a task/);
    const listed = JSON.parse(await site.said(["list", "--json"]));
    assert.ok(listed.jobs.some(({ job_id }: { job_id: string }) => job_id === id), JSON.stringify(listed));
    assert.match(await site.said(["list"]), new RegExp(id));
  });

  await t.step("reply goes on in the session, and a question is listed and answered", async () => {
    const id = await start("start", "--json", "-a", "talking", "-p", "ask", "-C", work, "do ask one");
    const isAsked = async () => (await site.said(["questions"])).includes("May I one");
    await eventually(isAsked, { what: "the question" });
    await site.said(["answer", id, "allow"]);
    await site.said(["wait", id]);
    await site.said(["reply", id, "do say again"]);
    await site.said(["wait", id]);
    const shown = JSON.parse(await site.said(["show", "--json", id]));
    assert.deepEqual([shown.turn, shown.result.trim()], [2, "again\n\nprompted 2"]);
  });

  await t.step("cancel ends it", async () => {
    const id = await start("start", "--json", "-a", "plain", "-C", work, `wait ${join(site.root, "never")}`);
    await site.family(id);
    await site.said(["cancel", id]);
    assert.equal(JSON.parse(await site.said(["show", "--json", id])).status, "cancelled");
  });

  await t.step("status as a snapshot, doctor, stats, prune and the daemon's own state", async () => {
    assert.match(await site.said(["status"]), /a task|hello/);
    const doctor = await site.run(["doctor"]);
    assert.match(doctor.stdout, /ok +daemon/);
    assert.match(doctor.stdout, /ok +agent plain/);
    assert.doesNotMatch(doctor.stdout, /broken +(?:program|config|state|socket|daemon)/);
    assert.match(await site.said(["stats"]), /plain/);
    assert.match(await site.said(["prune", "--dry-run"]), /\S/);
    assert.match(await site.said(["daemon", "status"]), /runs|running|pid/);
  });

  await t.step("config and completions", async () => {
    assert.equal((await site.said(["config", "path"])).trim(), join(site.home, "config.json"));
    await site.said(["config", "set", "limits.total", "3"]);
    assert.equal((await site.said(["config", "get", "limits.total"])).trim(), "3");
    JSON.parse(await site.said(["config", "schema"]));
    for (const shell of ["bash", "zsh", "fish"]) {
      assert.match(await site.said(["completions", shell]), /agent-async/);
    }
    assert.match(await site.said(["version"]), /^agent-async \d/);
    const misspelled = await site.run(["strat"]);
    assert.equal(misspelled.code, 2);
    assert.match(misspelled.stderr, /start/);
  });

  await t.step("daemon stop, and the next command finds everything again", async () => {
    await site.said(["daemon", "stop"]);
    assert.match(await site.said(["list"]), /a task/);
  });
});

Deno.test("any system: MCP over stdio: start, wait, a question, an answer, cancel", async () => {
  await using site = new AnySite({ prefix: PREFIX });
  await using mcp = await McpProcess.start({
    command: [Deno.execPath(), "run", "-A", "--no-check", ...site.main, "mcp"],
    env: site.env,
    cwd: site.root,
  });
  const call = async <Schema extends z.ZodType>(name: string, args: object, schema: Schema) => {
    const answer = await mcp.client.callTool({ name, arguments: { ...args } }, undefined, {
      timeout: 180_000,
    });
    assert.notEqual(answer.isError, true, JSON.stringify(answer.content));
    return schema.parse(withoutMarksIn(answer.structuredContent));
  };
  const begun = Receipt.pick({ job_id: true });
  const waited = z.looseObject({
    jobs: z.array(z.looseObject({ status: z.string(), result: z.string().nullish() })),
  });
  const names = (await mcp.client.listTools()).tools.map(({ name }) => name);
  assert.ok(["job_start", "job_wait", "job_cancel", "job_answer"].every((name) => names.includes(name)));

  const cwd = site.workspace("a work tree");
  const plain = await call("job_start", { agent: "plain", prompt: "two\r\nlines", cwd }, begun);
  const ended = async (job_id: string) =>
    (await call("job_wait", { job_ids: [job_id], timeout_seconds: 100 }, waited)).jobs[0];
  const job = await ended(plain.job_id);
  assert.deepEqual([job?.status, job?.result?.replaceAll("\r", "")], ["done", "You said: two\nlines"]);

  const asking = { agent: "talking", approval_policy: "ask", prompt: "do ask one", cwd };
  const talk = await call("job_start", asking, begun);
  await eventually(async () => {
    const { asking } = await site.service.questions({ job_ids: [talk.job_id], as: "person" });
    return asking.length > 0;
  }, { what: "the question" });
  await call("job_answer", { job_id: talk.job_id, option: "reject" }, z.looseObject({}));
  assert.match((await ended(talk.job_id))?.result ?? "", /one was answered reject/);

  const waiting = { agent: "plain", prompt: `wait ${join(site.root, "never")}`, cwd };
  const long = await call("job_start", waiting, begun);
  await site.family(long.job_id);
  const { status } = await call("job_cancel", { job_id: long.job_id }, z.looseObject({ status: z.string() }));
  assert.equal(status, "cancelled");
  assert.deepEqual(mcp.strayLines, []);
});
