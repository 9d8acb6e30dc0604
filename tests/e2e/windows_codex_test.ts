/**
 * The real Codex for Windows as an agent, behind the `.cmd` file by which npm installs it there, with the scripted model
 * as all that it can reach.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { addFile, answer, reasoning, shell, text } from "../model/scenario.ts";
import { ModelServer } from "../model/server.ts";
import { pinnedVersion } from "../support/agents.ts";
import { AnySite } from "../support/any_site.ts";
import { codexConfiguration, ONLY_LOOPBACK } from "../support/codex_home.ts";
import { eventually } from "../support/eventually.ts";
import { testUnless } from "../support/skippable.ts";
import { findWindowsCodex } from "../support/windows_codex.ts";

const { prefix, cannot } = findWindowsCodex();

const processes = systemProcesses();

/** A model, and a site whose Codex knows no other. */
class Stage implements AsyncDisposable {
  readonly model = ModelServer.start();
  readonly site: AnySite;

  constructor(live: boolean, more = "") {
    this.site = new AnySite({ prefix: "aa codex ", path: prefix, agents: { codex: { live } } });
    Deno.mkdirSync(this.#home);
    const configuration = codexConfiguration(`${this.model.url}/v1`, 0) + more;
    Deno.writeTextFileSync(join(this.#home, "config.toml"), configuration);
    // Where Codex makes it itself, it lets go of a lock twice, which only Windows forgives: under Wine it would not start.
    Deno.writeTextFileSync(join(this.#home, "installation_id"), crypto.randomUUID());
  }

  get origin() {
    return { env: { ...this.site.env, ...ONLY_LOOPBACK, CODEX_HOME: this.#home }, session: "test" };
  }

  get #home(): string {
    return join(this.site.root, ".codex");
  }

  start(prompt: string, approval_policy = "full-auto"): Promise<string> {
    const { origin } = this;
    return this.site.start(prompt, "work", { agent: "codex", approval_policy, origin });
  }

  /** Less what changes from run to run, the usage so far, and Codex's word on the made-up model. */
  async events(jobId: string): Promise<Record<string, unknown>[]> {
    const { events } = await this.site.service.events({ job_id: jobId, limit: 500, truncate: 0 });
    return events
      .map(({ seq: _seq, turn: _turn, time: _time, ...body }): Record<string, unknown> => body)
      .filter(({ type, so_far }) => type !== "warning" && so_far !== true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]();
    await this.model[Symbol.asyncDispose]();
  }
}

/** The Codexes that run now. */
function codexes() {
  const rows = processes.table().filter(({ command }) => /^codex\b/i.test(command));
  return rows.map(({ pid, startTime }) => ({ pid, startTime, bootId: "" }));
}

for (const { way, live } of [{ way: "one-way", live: false }, { way: "two-way", live: true }]) {
  testUnless(
    cannot,
    `windows codex, ${way}: a job with its events, files and usage, and a reply`,
    async () => {
      await using stage = new Stage(live);
      stage.model.script("work", [
        answer([reasoning("**Looking** around"), shell("echo out")]),
        addFile("new.txt", "hello\n"),
        answer([text("All done.")], { usage: { input: 300, cached: 200, output: 30, reasoning: 7 } }),
      ]);
      const id = await stage.start("Please wörk. [[scenario work]]");
      const job = await stage.site.ended(id);
      const file = join(job.cwd, "new.txt");
      assert.deepEqual(
        [job.status, job.reason, job.exit_code, job.result, job.files_changed, job.commands_run],
        ["done", "completed", 0, "All done.", [file], 1],
        JSON.stringify(job),
      );
      assert.equal(Deno.readTextFileSync(file), "hello\n");
      assert.deepEqual(job.usage, {
        input_tokens: 500,
        cached_input_tokens: 240,
        output_tokens: 50,
        reasoning_tokens: 13,
        total_tokens: 550,
      });
      assert.deepEqual((await stage.events(id)).map(summary), [
        "status running",
        `session ${job.session_id}`,
        "reasoning **Looking** around",
        "command started",
        "command completed",
        `file_change started add ${file}`,
        `file_change completed add ${file}`,
        "message All done.",
        "usage 550",
        "status done",
      ]);

      stage.model.script("second", [text("It was work.")]);
      const { origin } = stage;
      await stage.site.service.reply({ job_id: id, prompt: "What was it? [[scenario second]]", origin });
      const second = await stage.site.ended(id);
      assert.deepEqual(
        [second.status, second.turn, second.result, second.session_id],
        ["done", 2, "It was work.", job.session_id],
      );
      const [request] = stage.model.modelRequests("second");
      assert.match(JSON.stringify(request?.body), /Please wörk\./);
    },
  );

  testUnless(cannot, `windows codex, ${way}: cancelling ends it while its model thinks`, async () => {
    await using stage = new Stage(live);
    stage.model.script("long", [answer([reasoning("Let me think")], { end: "hang" })]);
    const others = codexes().map(({ pid }) => pid);
    const id = await stage.start("Take long. [[scenario long]]");
    await eventually(() => stage.model.modelRequests("long").length > 0, { what: "the model's request" });
    const own = codexes().filter(({ pid }) => !others.includes(pid));
    assert.notDeepEqual(own, []);
    await stage.site.service.cancel({ job_id: id });
    const job = await stage.site.ended(id);
    assert.equal(job.status, "cancelled", JSON.stringify(job));
    assert.deepEqual(own.filter((one) => processes.isAlive(one)), []);
  });
}

testUnless(
  cannot,
  "windows codex: npm's .cmd leads to the pinned version, and doctor tries its sandbox",
  async () => {
    await using stage = new Stage(true);
    const { agents } = await stage.site.service.queue({ origin: stage.origin });
    const codex = agents.find(({ name }) => name === "codex");
    assert.deepEqual(
      [codex?.available, codex?.version],
      [true, pinnedVersion("codex")],
      JSON.stringify(codex),
    );
    const { stdout } = await stage.site.run(["doctor"], { env: stage.origin.env });
    assert.match(
      stdout,
      /^warn +sandbox codex +commands of Codex run in its sandbox, if it is switched on\r?\n.*unelevated/m,
    );
  },
);

for (
  const { name, more, changed } of [
    { name: "only reads", more: "", changed: [] },
    { name: "writes in its sandbox", more: '[windows]\nsandbox = "unelevated"\n', changed: ["new.txt"] },
  ]
) {
  testUnless(cannot, `windows codex: under auto-edit it ${name}, as its own configuration says`, async () => {
    await using stage = new Stage(true, more);
    stage.model.script("add", [addFile("new.txt", "hello\n"), text("All done.")]);
    const job = await stage.site.ended(await stage.start("Add it. [[scenario add]]", "auto-edit"));
    assert.deepEqual([job.status, job.result], ["done", "All done."], JSON.stringify(job));
    assert.deepEqual(job.files_changed, changed.map((file) => join(job.cwd, file)));
    assert.equal(/Not allowed: .*read-only sandbox/.test(job.output), changed.length === 0, job.output);
  });
}

/** An event in words: the texts that are the same wherever it runs. */
function summary(event: Record<string, unknown>): string {
  const { type, state, text: said, session_id, changes, usage } = Object(event);
  const what = [said, session_id, usage?.total_tokens].filter((one) => one !== undefined);
  const files = (changes ?? []).map(({ kind, path }: { kind: string; path: string }) => `${kind} ${path}`);
  return [type, state, ...files, ...what].filter((one) => one !== undefined).join(" ");
}
