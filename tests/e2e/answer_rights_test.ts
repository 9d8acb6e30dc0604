/**
 * Questions through the real doors: asked and answered by a host and at the command line, and a worker that tries to
 * answer what is not its own jobs' to answer: its own questions, its parent's and a stranger's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { JobResult } from "../../src/domain/job/result.ts";
import { QuestionsResult } from "../../src/service/question_requests.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { hostEnvironment, HostSession, programCommand, runProgram, shutDown } from "../support/program.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";
import { TALKING_AGENTS } from "../support/talking_driver.ts";

const DAEMON = fromFileUrl(new URL("../fixtures/talking_daemon_main.ts", import.meta.url));
const ATTACK = fromFileUrl(new URL("../fixtures/answer_attack.ts", import.meta.url));

const Told = z.array(z.object({ way: z.string(), id: z.string(), said: z.string() }));

/** A state with a daemon that knows the agent which asks. */
async function talkingState(config: Record<string, unknown>): Promise<StateHome> {
  const made = makeStateHome({ limits: { total: 10, depth: 3 }, ...config });
  const env = hostEnvironment({ ...made, env: { ...made.env, PATH: `${TALKING_AGENTS}:${made.env.PATH}` } });
  const state = { ...made, env };
  new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", DAEMON],
    env,
    clearEnv: true,
    cwd: made.home,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn().unref();
  // The program must find this daemon, and not start one of its own.
  await eventually(async () => await isThere(`${made.home}/daemon.sock`), { what: "the daemon" });
  return state;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function start(state: StateHome, workspace: string, steps: string): Promise<string> {
  const cwd = state.workspace(workspace);
  const args = ["start", "-a", "talking", "-p", "ask", "-C", cwd, steps];
  const { code, stdout, stderr } = await runProgram(state, args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

async function asking(state: StateHome): Promise<QuestionsResult["asking"]> {
  return QuestionsResult.parse(JSON.parse((await runProgram(state, ["questions", "--json"])).stdout)).asking;
}

/** A script for the agent to run. */
function script(state: StateHome, name: string, text: string): string {
  const path = `${state.workspace("scripts")}/${name}`;
  Deno.writeTextFileSync(path, text);
  return path;
}

const BARE = "env -u AGENT_ASYNC_JOB_ID -u AGENT_ASYNC_DEPTH ";

/** A process whose parents have all ended, in a session of its own, and what it starts is not told of its job. */
const ORPHANED = `setsid sh -c 'first=$0; while read -r _ _ _ parent _ </proc/$$/stat; ` +
  `[ "$parent" = "$first" ]; do sleep 0.05; done; ${BARE}"$@"' $$ `;

const HIDES: Readonly<Record<string, (attack: string) => string>> = {
  "as it is": (attack) => attack,
  "in a session of its own, without what names its job": (attack) => `setsid ${BARE}${attack}`,
  "as an orphan": (attack) => `${ORPHANED}${attack} </dev/null >/dev/null 2>&1 &`,
};

for (const [how, hidden] of Object.entries(HIDES)) {
  testUnless(
    NOT_LINUX,
    `a worker, ${how}, answers neither itself nor its parent nor a stranger`,
    async () => {
      await using state = await talkingState({});
      await using _daemon = { [Symbol.asyncDispose]: () => shutDown(state) };
      const out = `${state.workspace("out")}/told.json`;
      const ids = `${state.workspace("out")}/ids`;
      const program = programCommand().map((word) => `'${word}'`).join(" ");
      const attack = script(
        state,
        "attack",
        `while ! [ -e '${ids}' ]; do sleep 0.05; done\n` +
          hidden(`'${Deno.execPath()}' run -A --no-check '${ATTACK}' '${out}' $(cat '${ids}')`) + "\n",
      );
      const inner = `asks q1; run ${attack}; wait ${state.cwd}/go`;
      const begin = script(
        state,
        "begin",
        `${program} start -a talking -p ask -C '${state.workspace("inner")}' '${inner}'\n`,
      );
      const stranger = await start(state, "stranger", "asks q1; await");
      const outer = await start(state, "outer", `asks q1; run ${begin}; wait ${state.cwd}/go`);
      const jobs = await eventually(async () => {
        const found = await asking(state);
        return found.length === 3 && found;
      }, { what: "three jobs that ask" });
      const own = jobs.find(({ job_id }) => job_id !== stranger && job_id !== outer)?.job_id ?? "";
      Deno.writeTextFileSync(`${ids}.part`, [own, outer, stranger].join(" "));
      Deno.renameSync(`${ids}.part`, ids);
      await eventually(() => isThere(out), { what: "the attack", timeoutMs: 180_000 });
      const told = Told.parse(JSON.parse(Deno.readTextFileSync(out)));
      assert.deepEqual(
        told.map(({ way }) => way).sort(),
        ["cli", "mcp", "socket"].flatMap((way) => Array(way === "cli" ? 6 : 3).fill(way)),
      );
      for (const { way, id, said } of told) {
        assert.match(
          said,
          new RegExp(`Cannot answer job ${id} from inside job ${own}: it did not start it`),
          way,
        );
      }
      assert.equal((await asking(state)).length, 3);
      // Whoever stands outside may, and the parent its child.
      const byPerson = await runProgram(state, ["answer", "--json", own, "yes"]);
      assert.equal(JSON.parse(byPerson.stdout).answered, true, byPerson.stderr);
      for (const id of [outer, stranger]) await runProgram(state, ["answer", id, "no"]);
      Deno.writeTextFileSync(`${state.cwd}/go`, "");
      const { stdout } = await runProgram(state, ["show", "--json", outer]);
      assert.equal(JobResult.parse(JSON.parse(stdout)).questions, undefined);
      await runProgram(state, ["cancel", stranger]);
      await runProgram(state, ["wait", outer, own]);
    },
  );
}

const Asked = z.looseObject({
  timed_out: z.boolean(),
  asking: z.array(z.looseObject({ job_id: z.string(), next: z.string() })),
});

testUnless(NOT_LINUX, "a host hears of a question once, answers it, and has the result", async () => {
  await using state = await talkingState({});
  await using _daemon = { [Symbol.asyncDispose]: () => shutDown(state) };
  await using host = await HostSession.start(state);
  const id = await start(state, "work", "say hello; ask q1 May I?; say bye");
  const asked = await host.call("job_wait", { job_ids: [id], timeout_seconds: 100 }, Asked);
  assert.deepEqual(asked.asking.map(({ job_id, next }) => [job_id, next]), [
    [id, "Answer with job_answer, or ask your user what to answer."],
  ]);
  const again = await host.call("job_wait", { job_ids: [id], timeout_seconds: 0 }, Asked);
  assert.deepEqual([again.timed_out, again.asking.length], [true, 1]);
  const hook = JSON.stringify({
    tool_name: "mcp__agent-async__codex_start",
    tool_response: { structuredContent: { job_id: id, turn: 1 } },
  });
  const woken = await runProgram(state, ["hook-wait"], { stdin: hook });
  assert.equal(woken.code, 2);
  assert.match(
    woken.stderr,
    new RegExp(`^Job ${id} .* asks: <agent-.{6}>"May I\\?"</agent-.{6}>.*__job_answer`),
  );
  await host.call("job_answer", { job_id: id, option: "yes" }, z.looseObject({ answered: z.literal(true) }));
  assert.equal((await host.ended(id)).result, "bye");
  const late = await runProgram(state, ["answer", id, "yes"]);
  assert.deepEqual([late.code, /asks nothing|answered by an assistant/.test(late.stderr)], [1, true]);
});

testUnless(NOT_LINUX, "where only a person may answer, a host cannot, and the command line can", async () => {
  await using state = await talkingState({ questions: { answered_by: "person" } });
  await using _daemon = { [Symbol.asyncDispose]: () => shutDown(state) };
  await using host = await HostSession.start(state);
  const names = (await host.mcp.client.listTools()).tools.map(({ name }) => name);
  assert.equal(names.includes("job_answer"), false);
  const id = await start(state, "work", "ask q1 May I?; say bye");
  await eventually(async () => (await asking(state)).length === 1, { what: "the question" });
  const asked = await host.call("job_wait", { job_ids: [id], timeout_seconds: 0 }, Asked);
  assert.deepEqual([asked.timed_out, asked.asking.length], [true, 1]);
  const { content, isError } = await host.mcp.client.callTool({
    name: "job_answer",
    arguments: { job_id: id, option: "yes" },
  });
  assert.equal(isError, true);
  assert.match(JSON.stringify(content), /only a person may/);
  const inShell = { ...state, env: { ...state.env, CLAUDECODE: "1" } };
  assert.match((await runProgram(inShell, ["answer", id, "yes"])).stderr, /only a person may/);
  const answered = await runProgram(state, ["answer", id, "yes"]);
  assert.equal(answered.code, 0, answered.stderr);
  assert.equal((await host.ended(id)).result, "bye");
});
