/**
 * The demonstration itself, as a host such as Claude Code would do it: list the tools, start a job, see its events,
 * wait, read the result, reply, answer what an agent asks, list.
 *
 * @module
 */
import { EventHead, type JobEvent } from "../../src/domain/event/event.ts";
import { EventBody } from "../../src/domain/event/event_body.ts";
import { Brief, type JobResult } from "../../src/domain/job/result.ts";
import { renderEvent } from "../../src/domain/event/transcript.ts";
import { EventsPage, WaitResult } from "../../src/service/read_requests.ts";
import { Receipt } from "../../src/service/requests.ts";
import { addFile, answer, reasoning, shell, text } from "../model/scenario.ts";
import { escalated } from "../support/codex_talks.ts";
import type { CodexStage } from "../support/codex_stage.ts";
import type { Voice } from "./voice.ts";
import { z } from "zod";

const PROMPT = "Add a greeting to this directory and tell what you did. [[scenario greeting]]";
const REPLY = "What did you call the file? [[scenario question]]";
const ASKING = "Note the date in stamp.txt. [[scenario asking]]";

const StartReceipt = Receipt.pick({ job_id: true, status: true, message: true }).extend({
  cursor: z.number().default(0),
});
const Event = z.intersection(EventHead, EventBody);
const Asked = z.looseObject({
  asking: z.array(z.object({
    questions: z.array(z.object({
      title: z.string(),
      detail: z.string().optional(),
      options: z.array(
        z.object({ id: z.string(), label: z.string().optional(), kind: z.string().optional() }),
      ),
    })),
  })),
});
const Waited = WaitResult.pick({ timed_out: true, cursor: true });

/** What the model says to each request of Codex, after a pause in which a real one would think. */
function script({ model }: CodexStage): void {
  const delayMs = 700;
  model.script("greeting", [
    answer([reasoning("**Looking around** before I write"), shell("pwd && ls")], { delayMs }),
    answer([addFile("greeting.txt", "Hello from a background job.\n")], { delayMs }),
    answer([shell("cat greeting.txt")], { delayMs }),
    answer([text("I added greeting.txt with one line of welcome.")], { delayMs }),
  ]);
  model.script("question", [answer([text("It is greeting.txt, as I said before.")], { delayMs })]);
  model.script("asking", [
    answer([escalated("date > stamp.txt")], { delayMs }),
    answer([text("The date is in stamp.txt.")], { delayMs }),
  ]);
}

export async function play(stage: CodexStage, voice: Voice): Promise<void> {
  script(stage);
  const { host, state, model } = stage;
  voice.table([["model", model.url], ["server", serverName(stage)], ["state", state.home], [
    "cwd",
    state.cwd,
  ]]);

  voice.step("What the server offers", "tools/list");
  const { tools } = await host.mcp.client.listTools();
  voice.table(tools.map((tool) => [tool.name, tool.title ?? ""]));

  const started = { prompt: PROMPT, cwd: state.cwd };
  voice.step("Start a job; the answer comes at once", call("codex_start", started));
  const { job_id, status, message } = await host.call("codex_start", started, StartReceipt);
  voice.say(`job ${job_id}, ${status}: ${message}`);

  voice.step("Its events, as they come", call("job_events", { job_id, cursor: "..." }));
  await follow(stage, voice, job_id, 0);

  const waited = { job_ids: [job_id] };
  voice.step("Wait for it: a job that has ended is told at once", call("job_wait", waited));
  const { timed_out } = await host.call("job_wait", waited, Waited);
  voice.say(`timed_out: ${timed_out}`);

  voice.step("The result", call("job_poll", { job_id }));
  const first = await host.poll(job_id);
  showResult(voice, first);

  voice.step("The file that the job made", "cat greeting.txt");
  voice.say(stage.file("greeting.txt") ?? "there is none");

  const reply = { job_id, prompt: REPLY };
  voice.step("A further task in the same session of Codex", call("job_reply", reply));
  const { cursor } = await host.call("job_reply", reply, StartReceipt);
  await follow(stage, voice, job_id, cursor);
  const second = await host.poll(job_id);
  const isSame = second.session_id === first.session_id;
  voice.say(`turn ${second.turn}, ${isSame ? "the same session" : "ANOTHER SESSION"}: ${second.result}`);

  const third = await askAndAnswer(stage, voice);

  voice.step("All jobs", call("job_list", {}));
  const { jobs } = await host.call("job_list", {}, z.object({ jobs: z.array(Brief) }));
  voice.table(jobs.map((job) => [job.job_id, `${job.status}  ${job.prompt}`]));

  const areDone = [first, second, third].every(({ status }) => status === "done");
  const areThere = ["greeting.txt", "stamp.txt"].every((name) => stage.file(name) !== null);
  if (!areDone || !isSame || !areThere) {
    throw new Error("The job did not do what the model had told it to.");
  }
}

/** A job that may be asked: what it wants beyond its sandbox waits, however long, for an answer. */
async function askAndAnswer({ host, state }: CodexStage, voice: Voice): Promise<JobResult> {
  const started = { prompt: ASKING, cwd: state.cwd, approval_policy: "ask" };
  voice.step("A job that asks before it leaves its sandbox", call("codex_start", started));
  const { job_id, status } = await host.call("codex_start", started, StartReceipt);
  voice.say(`job ${job_id}, ${status}`);

  const waited = { job_ids: [job_id] };
  voice.step("A wait is answered by the question, once", call("job_wait", waited));
  const { asking: [asked] } = await host.call("job_wait", waited, Asked);
  const [question] = asked?.questions ?? [];
  if (question === undefined) throw new Error("The job asked nothing.");
  voice.table([
    ["question", question.title],
    ["about", question.detail ?? ""],
    ...question.options.map(({ id, label }): [string, string] => [`  ${id}`, label ?? ""]),
  ]);

  const option = question.options.find(({ kind }) => kind === "allow")?.id;
  const answered = { job_id, option };
  voice.step("Its answer, which a person or a model may give", call("job_answer", answered));
  await host.call("job_answer", answered, z.looseObject({ answered: z.literal(true) }));
  await host.call("job_wait", waited, Waited);
  const job = await host.poll(job_id);
  voice.say(`${job.status}: ${job.result}`);
  return job;
}

/** Tells the events after the cursor until the job has ended. */
async function follow({ host }: CodexStage, voice: Voice, jobId: string, cursor: number): Promise<void> {
  for (;;) {
    const page = await host.call("job_events", { job_id: jobId, cursor }, EventsPage);
    for (const event of page.events) voice.say(eventLine(Event.parse(event)));
    cursor = page.cursor;
    if (page.more) continue;
    if (page.status !== "pending" && page.status !== "running") return;
    await host.call("job_wait", { job_ids: [jobId], timeout_seconds: 0.2 }, Waited);
  }
}

function eventLine(event: JobEvent): string {
  const rendered = renderEvent(event).trim();
  const [first = "", ...rest] = (rendered === "" ? "..." : rendered).split("\n");
  const head = `${String(event.seq).padStart(3)}  ${event.time.slice(11, 23)}  ${event.type.padEnd(11)}  `;
  return [head + first, ...rest.map((line) => " ".repeat(head.length) + line)].join("\n");
}

function showResult(voice: Voice, job: JobResult): void {
  const { usage } = job;
  voice.table([
    ["status", `${job.status} (${job.reason}), exit code ${job.exit_code}`],
    ["result", job.result ?? ""],
    ["files", (job.files_changed ?? []).join(", ")],
    ["commands", String(job.commands_run)],
    [
      "usage",
      `${usage.input_tokens} tokens in (${usage.cached_input_tokens} cached), ${usage.output_tokens} out`,
    ],
    ["session", job.session_id ?? ""],
    ["took", `${job.duration_seconds} s`],
  ]);
}

function serverName({ host }: CodexStage): string {
  const server = host.mcp.client.getServerVersion();
  return `${server?.name} ${server?.version}, process ${host.mcp.pid}`;
}

function call(tool: string, args: Record<string, unknown>): string {
  return `${tool} ${JSON.stringify(args)}`;
}
