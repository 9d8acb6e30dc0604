/**
 * Agents that need an account or are not to be had here, over ACP: a fixture speaks their documented and recorded words.
 */
import assert from "node:assert/strict";
import { customDriver } from "../../../src/agents/custom/driver.ts";
import { CustomAgentConfig } from "../../../src/domain/agent/custom_agent.ts";
import { eventually } from "../../support/eventually.ts";
import { exists } from "../../support/exists.ts";
import { SpokenAgent, type SpokenAgentOptions } from "../../support/spoken_agent.ts";
import { SPOKEN_ENTRIES, spokenExecutable, type SpokenName } from "../../support/spoken_words.ts";

const AGENTS = {
  goose: {
    change: "update",
    // It has no login of its own, but a provider.
    login: ["auth_required", /Failed to resolve provider/, "Run `goose configure` in a terminal."],
  },
  auggie: {
    change: "add",
    login: [
      "auth_required",
      /does not currently support authenticating over ACP/,
      "Run `auggie login` in a terminal.",
    ],
  },
  cursor: {
    change: "add",
    login: ["auth_required", /Authentication required/, "Run `agent login` in a terminal."],
  },
} as const;

class Home implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
  readonly work = `${this.path}/work`;
  readonly #driver;
  readonly #executable;
  #turns = 0;

  constructor(agent: SpokenName) {
    Deno.mkdirSync(this.work);
    this.#driver = customDriver(agent, CustomAgentConfig.parse(SPOKEN_ENTRIES[agent]));
    this.#executable = spokenExecutable(agent, this.path);
  }

  talk(prompt: string, options: Partial<SpokenAgentOptions> = {}): SpokenAgent {
    assert.ok(this.#driver.live != null);
    return SpokenAgent.start({
      driver: this.#driver.live,
      executable: this.#executable,
      cwd: this.work,
      directory: `${this.path}/turn-${++this.#turns}`,
      policy: "ask",
      ...options,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: this.path,
        DENO_DIR: `${this.path}/deno`,
        DENO_NO_UPDATE_CHECK: "1",
        ...options.env,
      },
    }, prompt);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function told({ events }: SpokenAgent): unknown[] {
  return events.flatMap((event): unknown[] => {
    if ("state" in event && event.state === "started") return [];
    switch (event.type) {
      case "message":
        return [event.text];
      case "command":
        return [`${event.state}: ${event.command}`];
      case "file_change":
        return [`${event.state}: ${event.changes.map(({ kind, path }) => `${kind} ${path}`).join()}`];
      case "session":
      case "reasoning":
      case "usage":
        return [];
      case "tool_call":
        return [`${event.state}: ${event.tool}`];
      default:
        return [event];
    }
  });
}

for (const agent of ["goose", "auggie", "cursor"] as const) {
  const { change, login: [reason, message, hint] } = AGENTS[agent];

  Deno.test(`${agent}, as it is documented: asks, is allowed, and goes on in the same session`, async () => {
    using home = new Home(agent);
    await using turn = home.talk("go");
    const asked = await turn.answer(() => ({ option: "allow" }));
    if (agent === "goose") await turn.answer(() => ({ option: "allow" }));
    const { exit, stderr } = await turn.ended();
    assert.deepEqual([turn.terminal, exit.code], [{ ok: true }, 0], stderr);
    assert.deepEqual([asked.kind, asked.title], ["approval", "Run: touch made.txt"]);
    assert.deepEqual(asked.options.map(({ id, kind }) => `${id} ${kind}`), ["allow allow", "reject reject"]);
    const file = `${home.work}/new.txt`;
    assert.deepEqual(
      turn.asked.slice(1).map(({ title }) => title),
      agent === "goose" ? [`Change ${file}`] : [],
    );
    assert.deepEqual(told(turn), [
      // What is not for this once alone is not granted, and nobody is asked.
      ...(agent === "auggie" ? ["declined: Workspace Indexing Permission"] : []),
      "Looking.",
      "completed: touch made.txt",
      `completed: ${change} ${file}`,
      "Asked: go",
    ]);
    assert.ok(exists(`${home.work}/made.txt`));
    // goose counts the last model call at most; the others tell nothing.
    assert.ok(!turn.events.some((event) => event.type === "usage"));
    const session = turn.events.find((event) => event.type === "session");
    assert.ok(session?.type === "session");
    await using next = home.talk("and now", { sessionId: session.session_id });
    await next.answer(() => ({ option: "allow" }));
    if (agent === "goose") await next.answer(() => ({ option: "allow" }));
    await next.ended();
    assert.equal(told(next).at(-1), "Asked: go, and now");
    assert.ok(!told(next).includes("said long ago"));
  });

  Deno.test(`${agent}, as it is documented: what is refused is not done, and told as declined`, async () => {
    using home = new Home(agent);
    await using turn = home.talk("go");
    await turn.answer(() => ({ option: "reject" }));
    if (agent === "goose") await turn.answer(() => ({ option: "reject" }));
    await turn.ended();
    assert.deepEqual(turn.terminal, { ok: true });
    assert.ok(told(turn).includes("declined: touch made.txt"), JSON.stringify(turn.events));
    assert.ok(!told(turn).includes("completed: touch made.txt"));
    assert.ok(!exists(`${home.work}/made.txt`));
    // The others do not ask about a file.
    assert.equal(exists(`${home.work}/new.txt`), agent !== "goose");
  });

  Deno.test(`${agent}, as it is documented: an interrupted turn ends, and nothing of it is left`, async () => {
    using home = new Home(agent);
    await using turn = home.talk("hold on");
    await turn.answer(() => ({ option: "allow" }));
    const sleeps = () =>
      turn.leftovers().some((pid) =>
        Deno.readTextFileSync(`/proc/${pid}/cmdline`).startsWith("sleep\x00600")
      );
    await turn.until(sleeps, "the command to run");
    turn.apply({ kind: "interrupt" });
    await turn.ended();
    assert.ok(turn.terminal?.ok === false, JSON.stringify(turn.terminal));
    await eventually(() => turn.leftovers().length === 0, { what: "nothing to be left" });
  });

  Deno.test(`${agent}, as it is documented: a 401 and a missing login fail the turn, with what to do`, async () => {
    using home = new Home(agent);
    await using refused = home.talk("401");
    await refused.ended();
    assert.ok(refused.terminal?.ok === false);
    assert.equal(refused.terminal.failure.reason, "auth_required", refused.terminal.failure.message);
    await using out = home.talk("go", { env: { SPOKEN_LOGGED_OUT: "1" } });
    await out.ended();
    assert.ok(out.terminal?.ok === false);
    assert.equal(out.terminal.failure.reason, reason);
    assert.match(out.terminal.failure.message, message);
    assert.equal(out.terminal.failure.hint, hint);
  });
}
