/**
 * Support for tests: one two-way turn of a driver with the real process, without a kernel and a scheduler. What is to be
 * said goes through a pipe, and the pipe is closed by the same rule as in a job: the talk is over and everything said
 * has been heard.
 *
 * @module
 */
import type { AgentDriver } from "../../src/agents/driver.ts";
import type { LiveDriver, Talk, TalkContext, TalkInput } from "../../src/agents/live_driver.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import type { Reading, Steered } from "../../src/agents/turn_reader.ts";
import type { ApprovalPolicy } from "../../src/domain/agent/policy.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import type { Answer, AskedQuestion } from "../../src/domain/question/question.ts";
import { judge } from "../../src/domain/turn/outcome.ts";
import type { Terminal, Verdict } from "../../src/domain/turn/turn.ts";
import type { Usage } from "../../src/domain/turn/usage.ts";
import { PathSearch } from "../../src/system/files/path_search.ts";
import { eventually } from "./eventually.ts";

export interface TalkOptions {
  driver: AgentDriver;
  live: LiveDriver;
  executable: string;
  prompt: string;
  cwd: string;
  /** For the output and what the command needs; new for each turn. */
  directory: string;
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  plan?: Partial<TurnPlan<ApprovalPolicy>>;
  sessionUsage?: Usage;
}

export interface TalkRun {
  code: number;
  events: EventBody[];
  terminal: Terminal | null;
  verdict: Verdict;
  stderr: string;
}

/** What was put into the talk, and before which line of the output. */
export interface Noted {
  input: TalkInput;
  line: number;
}

const SCRIPT = 'cd "$1" && shift && exec "$@" >"$TEST_STDOUT" 2>"$TEST_STDERR"';

/** Ms between two looks at the output. */
const LOOK_EVERY_MS = 5;

export class RunningTalk {
  readonly events: EventBody[] = [];
  readonly asked: AskedQuestion[] = [];
  readonly withdrawn: string[] = [];
  readonly steered: Steered[] = [];
  readonly said: string[] = [];
  readonly journal: Noted[] = [];
  readonly lines: string[] = [];
  readonly context: TalkContext;
  readonly ended: Promise<TalkRun>;
  terminal: Terminal | null = null;
  readonly #options: TalkOptions;
  readonly #talk: Talk;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  /** Keys of what was said and must still be acknowledged. */
  readonly #unheard = new Set<string>();
  readonly #keys = new Set<string>();
  #isClosed = false;

  constructor(options: TalkOptions) {
    this.#options = options;
    const { driver, live, directory, executable, cwd } = options;
    Deno.mkdirSync(`${directory}/scratch`, { recursive: true });
    const plan: TurnPlan<ApprovalPolicy> = {
      executable,
      version: null,
      cwd,
      policy: "ask",
      model: null,
      sessionId: null,
      newSessionId: crypto.randomUUID(),
      gitDirs: [],
      nestedRepositories: [],
      untrustedRoots: [],
      tempDirs: [],
      promptFile: `${directory}/prompt.md`,
      scratchDir: `${directory}/scratch`,
      extraArgs: [],
      mcp: "none",
      isRoot: Deno.uid() === 0,
      ...options.plan,
    };
    this.context = {
      ...plan,
      mcpServers: plan.mcpServers ?? [],
      sessionUsage: options.sessionUsage ?? null,
      startedAt: Date.now(),
    };
    this.#talk = live.talk(this.context);
    const command = live.command(plan);
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
      env: { ...env, TEST_STDOUT: `${directory}/stdout`, TEST_STDERR: `${directory}/stderr` },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.apply({ kind: "open" });
    this.apply({
      kind: "prompt",
      text: driver.guardPrompt?.(options.prompt, new PathSearch(cwd)) ?? options.prompt,
    });
    this.ended = this.#follow();
  }

  get pid(): number {
    return this.#child.pid;
  }

  apply(input: TalkInput): void {
    this.events.push(...this.#talk.pause?.() ?? []);
    this.journal.push({ input, line: this.lines.length });
    this.#take(this.#talk.apply(input));
  }

  answer({ question_id }: AskedQuestion, answer: Answer): void {
    this.apply({ kind: "answer", question_id, answer });
  }

  /** The question with this number, counted from 0, once it is asked. */
  async question(number: number): Promise<AskedQuestion> {
    return await eventually(() => this.asked[number], { what: `question ${number}` });
  }

  /** Ends the agent's stdin, as a channel that is cut. */
  cut(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stdin.close().catch(() => {});
  }

  #take(reading: Reading): void {
    this.events.push(...reading.events);
    this.asked.push(...reading.asks ?? []);
    this.withdrawn.push(...reading.withdraws ?? []);
    this.steered.push(...reading.steered ?? []);
    this.terminal = reading.terminal ?? (reading.resumes === true ? null : this.terminal);
    for (const { key, line, isAcknowledged } of reading.says ?? []) {
      if (this.#keys.has(key)) throw new Error(`Said twice: ${key}`);
      this.#keys.add(key);
      this.said.push(line);
      if (isAcknowledged) this.#unheard.add(key);
      if (!this.#isClosed) this.#stdin.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
    }
    for (const key of reading.heard ?? []) {
      if (!this.#keys.has(key)) throw new Error(`Heard without being said: ${key}`);
      this.#unheard.delete(key);
    }
  }

  async #follow(): Promise<TalkRun> {
    let exit: number | null = null;
    const status = this.#child.status.then(({ code }) => exit = code);
    for (let hasMore = true; hasMore;) {
      hasMore = exit === null;
      const whole = this.#read("stdout").split("\n").slice(0, -1);
      for (const line of whole.slice(this.lines.length)) {
        this.lines.push(line);
        this.#take(this.#talk.read(line));
      }
      if (this.#talk.isOver && this.#unheard.size === 0) this.cut();
      if (hasMore) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    const code = await status;
    this.cut();
    this.#take(this.#talk.finish());
    const stderr = this.#read("stderr");
    const { driver } = this.#options;
    const end = { kind: "exited", code } as const;
    const verdict = judge({
      end,
      terminal: this.terminal === null ? null : { word: this.terminal, offset: 0 },
      stop: null,
      endedAfterGrace: false,
      diagnosis: driver.diagnose({ end, stderr: stderr.slice(-8_192), startedAt: this.context.startedAt }),
      stderrTail: stderr.slice(-1_000),
    });
    return { code, events: this.events, terminal: this.terminal, verdict, stderr };
  }

  #read(name: string): string {
    try {
      return Deno.readTextFileSync(`${this.#options.directory}/${name}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }
}

/** What a talk says, asks and knows when it is folded over these lines and inputs again, as a later daemon does. */
export function refolded(live: LiveDriver, { context, lines, journal }: RunningTalk) {
  const talk = live.talk(context);
  const readings: Reading[] = [];
  const inputs = [...journal];
  for (let line = 0; line <= lines.length; line++) {
    while (inputs[0] !== undefined && inputs[0].line <= line) {
      readings.push({ events: talk.pause?.() ?? [] });
      const next = inputs.shift();
      if (next !== undefined) readings.push(talk.apply(next.input));
    }
    const text = lines[line];
    if (text !== undefined) readings.push(talk.read(text));
  }
  readings.push(talk.finish());
  return {
    events: readings.flatMap(({ events }) => events),
    said: readings.flatMap(({ says = [] }) => says).map(({ line }) => line),
    asked: readings.flatMap(({ asks = [] }) => asks),
    isOver: talk.isOver,
  };
}
