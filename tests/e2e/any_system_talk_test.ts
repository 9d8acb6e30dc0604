/**
 * Talks as this system runs them: questions, answers, further turns, and a daemon that is killed in the midst of them.
 * Here they run a second time as they are put together on Windows, where a process of this program feeds the agent.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { AnySite, testKinds } from "../support/any_site.ts";
import { eventually, PATIENCE_MS } from "../support/eventually.ts";
import { seededRandom } from "../support/seeded_random.ts";

const ASK = { agent: "talking", approval_policy: "ask" } as const;

/** Rounds of kills. */
const ROUNDS = 2;

/** Kills in one round. */
const KILLS = 3;

testKinds("what an agent asks is answered, and a reply goes on in its session", async (kind) => {
  await using site = new AnySite({ kind });
  const id = await site.start("do say ünïcödé 😀\ndo ask one\ndo ask two", "talk", ASK);
  await answer(site, id, "allow");
  await answer(site, id, "reject");
  const first = await site.ended(id);
  assert.deepEqual([first.status, first.error ?? null], ["done", null]);
  assert.deepEqual(await messages(site, id), [
    "ünïcödé 😀",
    "one was answered allow",
    "two was answered reject",
    "prompted 1",
  ]);

  const origin = { env: site.env, session: "test" };
  await site.service.reply({ job_id: id, prompt: `do wait ${site.root}/never`, origin });
  await eventually(async () => (await heard(site, "talk")).filter((name) => name === "session/prompt")[1], {
    what: "the second prompt",
  });
  await site.service.reply({ job_id: id, prompt: "do say instead", when: "now", origin });
  const last = await site.ended(id);
  assert.deepEqual([last.status, last.turn, last.result?.trim()], ["done", 3, "instead\n\nprompted 3"]);
});

testKinds("cancelling ends an agent that waits for an answer", async (kind) => {
  await using site = new AnySite({ kind });
  const id = await site.start("do ask one", "talk", ASK);
  await eventually(() => asked(site, id), { what: "the question" });
  await site.service.cancel({ job_id: id });
  const job = await site.ended(id);
  assert.deepEqual([job.status, await asked(site, id)], ["cancelled", null]);
});

testKinds(
  "talks outlive kills of their daemon: nothing is said or heard twice, torn or never",
  async (kind) => {
    await using site = new AnySite({ kind });
    const random = seededRandom(18);
    for (let round = 0; round < ROUNDS; round++) {
      const names = [`a${round}`, `b${round}`];
      const ids = await Promise.all(names.map((name) => site.start(promptOf(name), name, ASK)));
      const over = Promise.all(ids.map((id) => answerAll(site, id)));
      // It is awaited further down, when the kills are done.
      over.catch(() => {});
      for (let kills = 0; kills < KILLS; kills++) {
        await new Promise((resolve) => setTimeout(resolve, random.below(400)));
        await site.killDaemon();
      }
      await over;
      for (const [index, id] of ids.entries()) {
        const name = names[index] ?? "";
        const job = await site.ended(id);
        assert.deepEqual([job.status, job.error ?? null], ["done", null], `round ${round}`);
        assert.deepEqual(
          (await messages(site, id)).map(short),
          messagesOf(name).map(short),
          `round ${round}`,
        );
        // A kill between a launch and its record has the agent started, and greeted, a second time.
        const lines = await heard(site, name);
        const greetings = lines.lastIndexOf("initialize");
        assert.deepEqual(lines.slice(greetings), HEARD, `round ${round}`);
        assert.deepEqual(new Set(lines.slice(0, greetings)).isSubsetOf(new Set(["initialize"])), true);
      }
    }
  },
);

const QUESTIONS = ["one", "two", "three"];

/** More than a pipe holds. */
const LONG = "y".repeat(100_000);

function promptOf(name: string): string {
  return [`say ${name} ${LONG}`, ...QUESTIONS.flatMap((id) => [`ask ${id}`, `say after ${id}`])]
    .map((step) => `do ${step}`).join("\n");
}

function messagesOf(name: string): string[] {
  const talk = QUESTIONS.flatMap((id) => [`${id} was answered allow`, `after ${id}`]);
  return [`${name} ${LONG}`, ...talk, "prompted 1"];
}

function short(text: string): string {
  return text.length < 100 ? text : `${text.slice(0, 20)}... ${text.length} characters`;
}

/** What an agent hears in one turn: what was asked of it by its method, answers by their question. */
const HEARD = ["initialize", "session/new", "session/prompt", ...QUESTIONS];

async function heard(site: AnySite, name: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(site.root, name, "heard.jsonl"));
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const { method, id } = JSON.parse(line);
    return String(method ?? id);
  });
}

/** What the agent has said, in order: one message for each paragraph, however they came together. */
async function messages(site: AnySite, id: string): Promise<string[]> {
  const texts: string[] = [];
  for (let cursor = 0, more = true; more;) {
    const page = await site.service.events({ job_id: id, cursor, limit: 500, truncate: 0 });
    for (const event of page.events) if (event.type === "message") texts.push(String(Object(event).text));
    ({ cursor, more } = page);
  }
  return texts.join("\n\n").split(/\n\n+/).filter((text) => text !== "");
}

/** The id of the question that is open. */
async function asked(site: AnySite, id: string): Promise<string | null> {
  const { asking } = await site.service.questions({ job_ids: [id], as: "person" });
  return asking[0]?.questions[0]?.question_id ?? null;
}

async function answer(site: AnySite, id: string, option: string): Promise<void> {
  const question = await eventually(() => asked(site, id), { what: "a question" });
  await site.service.answer({ job_id: id, question_id: question, option, as: "person" });
}

/** Answers all that is asked until the job has ended. */
async function answerAll(site: AnySite, id: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    if (!["pending", "running"].includes((await site.service.poll({ job_id: id })).status)) return;
    const question = await asked(site, id);
    if (question === null) await new Promise((resolve) => setTimeout(resolve, 20));
    else {
      const said = { job_id: id, question_id: question, option: "allow", as: "person" as const };
      // A daemon that was killed has taken it or not: the key says that it is the same answer, after the turn's end, too.
      await site.service.answer({ ...said, request_key: `${id}-${question}` });
    }
  }
}
