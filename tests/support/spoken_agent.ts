/**
 * Support for tests: a real agent that is spoken with through its two-way driver, without a daemon. Its stdout goes to a
 * file, as in a job; whatever it is told comes from the talk, whose inputs are kept with their places, so that the same
 * talk can be held again.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { LiveDriver, Talk, TalkContext, TalkInput } from "../../src/agents/live_driver.ts";
import type { Reading, Saying, Steered } from "../../src/agents/turn_reader.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import type { ApprovalPolicy } from "../../src/domain/agent/policy.ts";
import type { Answer, AskedQuestion } from "../../src/domain/question/question.ts";
import type { Terminal } from "../../src/domain/turn/turn.ts";
import { eventually, PATIENCE_MS } from "./eventually.ts";
import { signalIfAlive } from "./signals.ts";

export interface SpokenAgentOptions {
  readonly driver: LiveDriver;
  readonly executable: string;
  readonly cwd: string;
  /** For output and what the command needs; new for each turn. */
  readonly directory: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly policy: ApprovalPolicy;
  readonly model?: string | null;
  readonly sessionId?: string | null;
  readonly sessionUsage?: TalkContext["sessionUsage"];
}

/** Ms between two looks at what the agent has printed. */
const LOOK_EVERY_MS = 10;

/** Ms for the end of a turn: some agents call a model that fails again for a minute and a half. */
const LAST_WORD_MS = 3 * PATIENCE_MS;

type Step = { line: string } | { input: TalkInput } | { pause: true } | { finish: true };

const SCRIPT = 'cd "$1" && shift && exec "$@" >"$TEST_STDOUT" 2>"$TEST_STDERR"';

export class SpokenAgent implements AsyncDisposable {
  readonly events: EventBody[] = [];
  readonly asked: AskedQuestion[] = [];
  readonly withdrawn: string[] = [];
  readonly steered: Steered[] = [];
  terminal: Terminal | null = null;
  readonly #options: SpokenAgentOptions;
  readonly #context: TalkContext;
  readonly #talk: Talk;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #said: Saying[] = [];
  readonly #heard = new Set<string>();
  readonly #steps: Step[] = [];
  readonly #stdout: string;
  #read = 0;
  #exit: Deno.CommandStatus | null = null;
  #isClosed = false;
  #looking: Promise<void>;

  private constructor(options: SpokenAgentOptions) {
    const { driver, directory, cwd, policy, executable } = options;
    this.#options = options;
    Deno.mkdirSync(`${directory}/scratch`, { recursive: true });
    this.#stdout = `${directory}/stdout`;
    this.#context = {
      cwd,
      policy,
      model: options.model ?? null,
      sessionId: options.sessionId ?? null,
      sessionUsage: options.sessionUsage ?? null,
      newSessionId: crypto.randomUUID(),
      startedAt: Date.now(),
      mcp: "none",
      mcpServers: [],
      gitDirs: [],
      tempDirs: [],
      nestedRepositories: [],
      untrustedRoots: [],
      version: null,
    };
    const command = driver.command({
      ...this.#context,
      executable,
      promptFile: `${directory}/prompt.md`,
      scratchDir: `${directory}/scratch`,
      extraArgs: [],
      isRoot: false,
    });
    for (const [name, text] of Object.entries(command.files ?? {})) {
      Deno.writeTextFileSync(`${directory}/scratch/${name}`, text);
    }
    const env: Record<string, string> = { ...options.env };
    for (const [name, value] of Object.entries(command.env)) {
      if (value === null) delete env[name];
      else env[name] = value;
    }
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT, "sh", cwd, executable, ...command.args],
      clearEnv: true,
      env: { ...env, TEST_STDOUT: this.#stdout, TEST_STDERR: `${directory}/stderr`, [MARK]: directory },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#child.status.then((status) => this.#exit = status);
    this.#talk = driver.talk(this.#context);
    this.#looking = this.#look();
  }

  static start(options: SpokenAgentOptions, prompt: string): SpokenAgent {
    const agent = new SpokenAgent(options);
    agent.apply({ kind: "open" });
    agent.apply({ kind: "prompt", text: prompt });
    return agent;
  }

  apply(input: TalkInput): void {
    this.#pause();
    this.#steps.push({ input });
    this.#take(this.#talk.apply(input));
  }

  /** Answers the oldest question that is not answered yet, once there is one. */
  async answer(choose: (question: AskedQuestion) => Answer): Promise<AskedQuestion> {
    const question = await this.until(() => this.asked[this.#answered], "a question");
    this.#answered++;
    this.apply({ kind: "answer", question_id: question.question_id, answer: choose(question) });
    return question;
  }

  #answered = 0;

  async until<Value>(
    check: () => Value,
    what: string,
    timeoutMs = PATIENCE_MS,
  ): Promise<NonNullable<Exclude<Value, false>>> {
    const found = await eventually(() => {
      const value = check();
      const isDone = Boolean(value) || (this.#exit !== null && this.#isReadWhole());
      return isDone ? { value } : null;
    }, { what, timeoutMs }).catch((cause) => {
      throw new Error(`Waited in vain for ${what}: ${this.#tail()}`, { cause });
    });
    if (!found.value) throw new Error(`The agent left before ${what}: ${this.#tail()}`);
    return found.value as NonNullable<Exclude<Value, false>>;
  }

  /** The end of the turn in order: its last word, then its stdin is closed, then it leaves. */
  async ended(): Promise<{ exit: Deno.CommandStatus; stderr: string }> {
    await this.until(
      () => this.#talk.isOver && this.#unheard().length === 0,
      "the agent's last word",
      LAST_WORD_MS,
    );
    await this.#close();
    await eventually(() => this.#exit !== null && this.#isReadWhole(), { what: "the agent to leave" });
    this.#pause();
    this.#steps.push({ finish: true });
    this.#take(this.#talk.finish());
    const again = this.#again();
    assert.deepEqual(again, { events: this.events, said: this.#said }, "the same talk, held again");
    assert.ok(this.#exit !== null);
    return { exit: this.#exit, stderr: Deno.readTextFileSync(`${this.#options.directory}/stderr`) };
  }

  /** Pids of what the agent has started and is still there. */
  leftovers(): number[] {
    return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
      try {
        return Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").includes(
          `${MARK}=${this.#options.directory}`,
        ) && !/^\S+ \(.*\) Z/.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
      } catch {
        return false;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    for (const pid of [this.#child.pid, ...this.leftovers()]) signalIfAlive(pid, "SIGKILL");
    await this.#child.status;
    await this.#looking;
  }

  /** What a talk tells that gets the same lines and inputs in the same order. */
  #again(): { events: EventBody[]; said: Saying[] } {
    const talk = this.#options.driver.talk(this.#context);
    const readings = this.#steps.map((step): Reading => {
      if ("line" in step) return talk.read(step.line);
      if ("input" in step) return talk.apply(step.input);
      return "pause" in step ? { events: talk.pause?.() ?? [] } : talk.finish();
    });
    return {
      events: readings.flatMap(({ events }) => events),
      said: readings.flatMap(({ says = [] }) => says),
    };
  }

  async #look(): Promise<void> {
    let isLast = false;
    while (!isLast) {
      isLast = this.#exit !== null;
      const bytes = this.#bytes();
      const end = bytes.lastIndexOf(10);
      if (end >= 0) {
        this.#read += end + 1;
        for (const line of new TextDecoder().decode(bytes.subarray(0, end)).split("\n")) {
          this.#steps.push({ line });
          this.#take(this.#talk.read(line));
        }
      }
      if (!isLast) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  #bytes(): Uint8Array {
    try {
      using file = Deno.openSync(this.#stdout);
      file.seekSync(this.#read, Deno.SeekMode.Start);
      const bytes = new Uint8Array(Math.max(0, file.statSync().size - this.#read));
      const count = file.readSync(bytes) ?? 0;
      return bytes.subarray(0, count);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new Uint8Array();
      throw error;
    }
  }

  #isReadWhole(): boolean {
    return this.#bytes().length === 0;
  }

  #pause(): void {
    this.#steps.push({ pause: true });
    this.events.push(...this.#talk.pause?.() ?? []);
  }

  #take(reading: Reading): void {
    this.events.push(...reading.events);
    this.asked.push(...reading.asks ?? []);
    this.withdrawn.push(...reading.withdraws ?? []);
    this.steered.push(...reading.steered ?? []);
    this.terminal = reading.terminal ?? this.terminal;
    for (const key of reading.heard ?? []) this.#heard.add(key);
    for (const saying of reading.says ?? []) {
      assert.ok(!this.#said.some(({ key }) => key === saying.key), `${saying.key} is said twice`);
      this.#said.push(saying);
      this.#stdin.write(new TextEncoder().encode(`${saying.line}\n`)).catch(() => {});
    }
  }

  #unheard(): string[] {
    return this.#said.flatMap(({ key, isAcknowledged }) =>
      isAcknowledged && !this.#heard.has(key) ? [key] : []
    );
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#stdin.close().catch(() => {});
  }

  #tail(): string {
    const said = this.#said.map(({ key }) => key).join(", ");
    const stderr = readIfThere(`${this.#options.directory}/stderr`).slice(-1_500);
    return `exit ${JSON.stringify(this.#exit)}; said ${said}; unheard ${
      this.#unheard().join(", ")
    }; terminal ${JSON.stringify(this.terminal)}; events ${
      JSON.stringify(this.events).slice(-1_500)
    }; stderr ${stderr}`;
  }
}

/** Marks the processes of a talk. */
const MARK = "AGENT_ASYNC_TEST_TALK";

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
