/**
 * The real pi through its adapter for ACP, `pi-acp`: why the preset drives pi one-way. The adapter is no preset; it is
 * what a user would configure.
 */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { customDriver } from "../../../src/agents/custom/driver.ts";
import { CustomAgentConfig } from "../../../src/domain/agent/custom_agent.ts";
import { ChatApi } from "../../model/chat_api.ts";
import { addFile, cutStream, refuse, shell, type Step, text } from "../../model/scenario.ts";
import { ModelServer } from "../../model/server.ts";
import { installFromNpm, presetInstall, testCache } from "../../support/agents.ts";
import { exists } from "../../support/exists.ts";
import { furnishPi } from "../../support/pi_home.ts";
import { SpokenAgent } from "../../support/spoken_agent.ts";

const CONFIG = { command: "pi-acp", output: "acp", policy_args: { "full-auto": [] } };

class Bench implements AsyncDisposable {
  readonly model = ModelServer.start({ apis: [new ChatApi()] });
  readonly home: string;
  readonly work: string;
  #turns = 0;

  constructor() {
    Deno.mkdirSync(testCache(), { recursive: true });
    this.home = Deno.makeTempDirSync({ dir: testCache(), prefix: "pi-acp-" });
    this.work = `${this.home}/work`;
    Deno.mkdirSync(this.work);
    furnishPi(this.home, this.model.baseUrl("test"));
  }

  async run(steps: readonly Step[]): Promise<SpokenAgent> {
    const { executable, path } = await presetInstall("pi");
    const adapter = await installFromNpm("pi-acp", {
      version: "0.0.34",
      command: "pi-acp",
      under: "agents",
      path,
      // It tells no version itself.
      interpreter: ["sh", "-c", 'cat "${0%/.bin/*}/pi-acp/package.json"'],
    });
    this.model.script("test", steps);
    const { live } = customDriver("pi-acp", CustomAgentConfig.parse(CONFIG));
    assert.ok(live != null);
    return await SpokenAgent.start({
      driver: live,
      executable: adapter,
      cwd: this.work,
      directory: `${this.home}/turn-${++this.#turns}`,
      policy: "full-auto",
      env: {
        PATH: [...path, dirname(executable), Deno.env.get("PATH") ?? ""].join(":"),
        HOME: this.home,
        TMPDIR: this.home,
      },
    }, "go");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model[Symbol.asyncDispose]();
    Deno.removeSync(this.home, { recursive: true });
  }
}

Deno.test("pi over ACP: a command, a file and an answer are told", async () => {
  await using bench = new Bench();
  const { work } = bench;
  await using turn = await bench.run([shell("echo hi"), addFile(`${work}/a.txt`, "x\n"), text("All done.")]);
  await turn.ended();
  assert.deepEqual(turn.terminal, { ok: true });
  assert.ok(exists(`${work}/a.txt`));
  const told = turn.events.flatMap((event): unknown[] => {
    if (event.type === "message") return [event.text];
    if (event.type === "command" && event.state !== "started") return [[event.command, event.exit_code]];
    return event.type === "file_change" && event.state !== "started" ? [event.changes] : [];
  });
  assert.deepEqual(told, [["echo hi", 0], [{ path: `${work}/a.txt`, kind: "add" }], "All done."]);
});

Deno.test("pi over ACP: a failed call of the model ends the turn well: so the preset does without the adapter", async () => {
  const steps = [refuse(401), refuse(429), refuse(500), cutStream([text("half")])];
  const reasons = await Promise.all(steps.map(async (step) => {
    await using bench = new Bench();
    await using turn = await bench.run(Array.from({ length: 20 }, () => step));
    await turn.ended();
    return turn.terminal?.ok === false ? turn.terminal.failure.reason : "done";
  }));
  // Nothing was said, which is all that shows that something failed; half an answer counts as one.
  assert.deepEqual(reasons, ["no_result", "no_result", "no_result", "done"]);
});
