/**
 * What hosts are told unasked: ends of their own jobs, changed resources, another list of tools. Through the real
 * server.
 *
 * @module
 */
import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/types"
import type { Notification } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { HostSession, killDaemon, runProgram, shutDown } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";

const REPEATING = fromFileUrl(new URL("../fixtures/agents/repeating/gemini", import.meta.url));
const Any = z.record(z.string(), z.unknown());

/** What the server has said unasked, in order. */
function heard(host: HostSession): Notification[] {
  const notifications: Notification[] = [];
  host.mcp.client.fallbackNotificationHandler = (notification) => {
    const { method, params } = notification;
    notifications.push({ method, ...(params === undefined ? {} : { params }) });
    return Promise.resolve();
  };
  return notifications;
}

function updates(notifications: readonly Notification[]) {
  return notifications.filter(({ method }) => method === "codex_async/job_update").map(({ params }) =>
    params
  );
}

Deno.test("a host hears of the ends of its own jobs and of no others, each once, in both ways", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  await using other = await HostSession.start(state);
  const ours = heard(host);
  const theirs = heard(other);
  const id = await host.start("say x\nwait go");
  const foreign = await other.start("fail broken", { cwd: state.workspace("other") });
  await eventually(() => updates(theirs).length === 1, { what: "the other's update" });
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  await eventually(() => ours.length === 2, { what: "our two notices" });

  const [update, channel] = ours;
  assert.deepEqual(update, {
    method: "codex_async/job_update",
    params: { job_id: id, status: "done", reason: "completed", cursor: update?.params?.cursor },
  });
  assert.equal(typeof update?.params?.cursor, "number");
  const { content, ...told } = channel?.params ?? {};
  // The marks are drawn anew each time.
  const plain = String(content).replace(/<(agent-[0-9a-z]{6})>("x")<\/\1>/, "$2");
  assert.notEqual(plain, content);
  assert.deepEqual({ ...channel, params: { content: plain, ...told } }, {
    method: "notifications/claude/channel",
    params: {
      content: `Job ${id}, codex: done (completed), prompt "say x wait go". Its result begins: "x". ` +
        `Next: mcp__agent-async__job_poll with job_id "${id}" has all of it.`,
      meta: { job_id: id, status: "done" },
    },
  });
  const [failed] = updates(theirs);
  assert.deepEqual([failed?.job_id, failed?.status, failed?.reason], [foreign, "error", "agent_error"]);

  await host.call("job_reply", { job_id: id, prompt: "say more" }, Any);
  await eventually(() => updates(ours).length === 2, { what: "the end of the second turn" });
  // Everything that was to be said has been said by the time of a later answer.
  await host.ended(id);
  assert.deepEqual([updates(ours).length, updates(theirs).length], [2, 1]);
  await shutDown(state);
});

Deno.test("a job with waiting replies is told of when all of them are done", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const ours = heard(host);
  const id = await host.start("wait go");
  await host.call("job_reply", { job_id: id, prompt: "say two" }, Any);
  await host.call("job_reply", { job_id: id, prompt: "say three" }, Any);
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  await eventually(() => updates(ours).length === 1, { what: "the update" });
  const job = await host.poll(id);
  assert.deepEqual([job.turn, job.result, job.status], [3, "three", "done"]);
  assert.equal(updates(ours).length, 1);
  await shutDown(state);
});

Deno.test("kill -9 of the daemon: the end is told all the same, once", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const ours = heard(host);
  const ids = [
    await host.start("wait go"),
    await host.start("wait ../work/go", { cwd: state.workspace("second") }),
  ];
  await eventually(async () => (await host.poll(ids[1] ?? "")).status === "running", { what: "both to run" });
  await killDaemon(state);
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  await eventually(() => updates(ours).length === 2, { what: "both updates" });
  assert.deepEqual(updates(ours).map((update) => update?.job_id).sort(), [...ids].sort());
  await killDaemon(state);
  const third = await host.start("say again");
  await eventually(() => updates(ours).length === 3, { what: "the third update" });
  assert.equal(updates(ours).at(-1)?.job_id, third);
  await shutDown(state);
});

Deno.test("a start that is repeated with its request_key is told of once", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const ours = heard(host);
  const id = await host.start("say x", { request_key: "k" });
  await eventually(() => updates(ours).length === 1, { what: "the update" });
  assert.equal(await host.start("say x", { request_key: "k" }), id);
  const next = await host.start("say y");
  await eventually(() => updates(ours).length === 2, { what: "the next update" });
  assert.deepEqual(updates(ours).map((update) => update?.job_id), [id, next]);
  await shutDown(state);
});

Deno.test("who subscribes to a resource hears when its job changes, until they unsubscribe", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  await using watcher = await HostSession.start(state);
  const id = await host.start("wait go");
  await eventually(async () => (await host.poll(id)).status === "running", { what: "the job to run" });
  const notifications = heard(watcher);
  const { client } = watcher.mcp;
  await client.subscribeResource({ uri: `job://${id}/output` });
  await client.subscribeResource({ uri: "job://" });
  await client.subscribeResource({ uri: `job://${id}` });
  await client.unsubscribeResource({ uri: `job://${id}` });
  await assert.rejects(client.subscribeResource({ uri: "file:///etc/passwd" }), { code: -32002 });
  Deno.writeTextFileSync(`${state.cwd}/go`, "");
  await eventually(() => notifications.length >= 2, { what: "two notifications" });
  assert.deepEqual(
    notifications,
    [`job://${id}/output`, "job://"].map((uri) => ({
      method: "notifications/resources/updated",
      params: { uri },
    })),
  );
  // Who subscribes reads on, and starts a daemon where there is none.
  await watcher.mcp.close();
  await shutDown(state);
});

Deno.test("an agent that is installed and removed later changes the list of tools, and the host is told", async () => {
  await using home = makeStateHome();
  const bin = home.workspace("bin");
  const state = {
    ...home,
    env: { ...home.env, PATH: `${bin}:${home.env.PATH?.split(":")[0]}:/usr/bin:/bin` },
  };
  await using host = await HostSession.start(state);
  const changes = heard(host);
  const starts = async () =>
    (await host.mcp.client.listTools()).tools.map(({ name }) => name).filter((name) =>
      name.endsWith("_start")
    );
  assert.deepEqual(await starts(), ["codex_start"]);
  assert.match(
    await host.refused("gemini_start", { prompt: "x", cwd: state.cwd }),
    /^conflict: .*Gemini CLI/,
  );

  Deno.copyFileSync(REPEATING, `${bin}/gemini`);
  Deno.chmodSync(`${bin}/gemini`, 0o755);
  const told = (count: number) =>
    eventually(async () => {
      // Every call is an occasion to look.
      await host.call("job_list", {}, Any);
      return changes.length === count;
    }, { what: `${count} changes` });
  await told(1);
  assert.equal(changes[0]?.method, "notifications/tools/list_changed");
  assert.deepEqual(await starts(), ["codex_start", "job_start"]);
  Deno.removeSync(`${bin}/gemini`);
  await told(2);
  assert.deepEqual(await starts(), ["codex_start"]);
  await shutDown(state);
});

Deno.test("a daemon that is stopped with nothing to tell is not started again", async () => {
  await using state = makeStateHome();
  await using host = await HostSession.start(state);
  const ours = heard(host);
  await host.start("say x");
  await eventually(() => updates(ours).length === 1, { what: "the update" });
  await runProgram(state, ["daemon", "stop"]);
  const { stdout } = await runProgram(state, ["daemon", "status", "--json"]);
  assert.match(stdout, /"running": false/);
  await host.mcp.client.listResources();
  await host.mcp.client.listPrompts();
  assert.match((await runProgram(state, ["daemon", "status", "--json"])).stdout, /"running": false/);
});
