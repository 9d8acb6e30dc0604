/**
 * Test support: one talk whose daemons die. The agent's output is given, and when its inputs come; each daemon is the
 * real fold over the real files, and dies at whichever write a test wants, in its middle or before it.
 *
 * @module
 */
import type { LiveDriver, TalkContext } from "../../src/agents/live_driver.ts";
import { JobDirectories, type TurnDirectory } from "../../src/kernel/job_directories.ts";
import { readJournal } from "../../src/kernel/channel/journal.ts";
import { readStoredEvent } from "../../src/kernel/events/stored_event.ts";
import { TurnTalk } from "../../src/scheduler/talk/turn_talk.ts";
import type { JournaledInput } from "../../src/scheduler/talk/talk_input.ts";
import { TalkRecord } from "../../src/scheduler/talk/talk_record.ts";
import { TurnOutput } from "../../src/scheduler/turn/output.ts";
import { jobId } from "./new_job.ts";

/** Something that is put in when so many lines of the output have been read. */
export interface TimedInput {
  readonly afterLines: number;
  readonly input: JournaledInput;
}

export interface TalkScript {
  readonly live: LiveDriver;
  readonly context: TalkContext;
  /** What the agent prints; each with its newline. */
  readonly lines: readonly string[];
  /** In the order of their coming. */
  readonly inputs: readonly TimedInput[];
}

/** What is left of a talk in the end. */
export interface TalkEnd {
  /** Types and members of the events, without the times. */
  readonly events: readonly unknown[];
  /** All that the agent was told. */
  readonly channel: string;
  /** What the journal holds, without numbers and times. */
  readonly journal: readonly unknown[];
  /** What was to steer the turn and did not: it becomes the next turn. */
  readonly undelivered: readonly string[];
}

/** A daemon died, as by kill -9. */
class Death extends Error {}

/** The clock of the world: a moment for each look at it, so that nothing seems silent. */
const clock = { now: () => 1_767_225_600_000, steady: () => 0 };

export class TalkWorld implements Disposable {
  readonly #root = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
  readonly #turn: TurnDirectory;
  readonly #directory;
  readonly #script: TalkScript;
  #undelivered: readonly string[] = [];

  constructor(script: TalkScript) {
    this.#script = script;
    const directories = new JobDirectories(`${this.#root}/state`);
    directories.prepare();
    this.#directory = directories.job(jobId(1));
    this.#directory.create();
    this.#turn = this.#directory.turn(1);
    this.#turn.create();
    Deno.writeTextFileSync(this.#turn.rawFile, "");
  }

  /**
   * Lets a daemon live while the output grows up to `bytes`, line by line, and puts in what is due. It dies at its
   * `deathAt`th write, of which `share` is still done.
   *
   * @returns how many writes it made, if it lived to the end; `null` when it died
   */
  live(
    bytes: number,
    { deathAt = Infinity, share = 0 }: { deathAt?: number; share?: number } = {},
  ): number | null {
    const fate = new Fate(deathAt, share);
    try {
      return fate.over(() => this.#daemon(bytes, fate)) ?? null;
    } catch (error) {
      if (error instanceof Death || fate.isDead) return null;
      throw error;
    }
  }

  end(): TalkEnd {
    const stored = Deno.readTextFileSync(this.#directory.eventsFile).split("\n").slice(0, -1);
    return {
      events: stored.map((line, index) => {
        const event = readStoredEvent(line);
        if (event === null || event.head.seq !== index + 1) throw new Error(`No event ${index + 1}: ${line}`);
        return event.body;
      }),
      channel: Deno.readTextFileSync(this.#turn.channelFile),
      journal: readJournal(this.#turn.journalFile).flatMap(({ kind, raw, payload, says }): unknown[] =>
        says === undefined ? [{ kind, raw, payload }] : says.map(({ key }) => ({ kind, key }))
      ),
      undelivered: this.#undelivered,
    };
  }

  /** Whether an input is not to be put in, or no more, as those who put it in see it. */
  #isIn(talk: TurnTalk, nth: number): boolean {
    const { input: { kind, payload } } = this.#script.inputs[nth]!;
    // Nobody can answer what is not asked.
    if (kind === "answer" || kind === "refuse") {
      return !talk.questions.open.some(({ question_id }) => question_id === payload.question_id);
    }
    if (kind === "steer") return talk.steers.has(payload.key);
    const before = this.#script.inputs.slice(0, nth + 1).filter(({ input }) => input.kind === kind).length;
    return readJournal(this.#turn.journalFile).filter((entry) => entry.kind === kind).length >= before;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#root, { recursive: true });
  }

  #daemon(bytes: number, fate: Fate): number {
    const { live, context, lines, inputs } = this.#script;
    const record = new TalkRecord(this.#turn);
    let talk: TurnTalk | null = null;
    let output: TurnOutput | null = null;
    try {
      const reader = live.talk(context);
      talk = new TurnTalk({ talk: reader, turn: 1, record, clock, askedAt: () => undefined });
      const { rawFile, stderrFile: errorFile } = this.#turn;
      output = new TurnOutput({
        turn: 1,
        rawFile,
        errorFile,
        directory: this.#directory,
        clock,
        reader,
        talk,
      });
      const ends = lines.reduce<number[]>((all, line) => [...all, (all.at(-1) ?? 0) + size(line)], [0]);
      const whole = new TextEncoder().encode(lines.join(""));
      const grown = Deno.statSync(rawFile).size;
      for (const [read, end] of [...ends, Infinity].entries()) {
        // Of an earlier daemon's output a later one reads all at once.
        const to = Math.min(end, bytes, whole.length);
        if (to < grown) continue;
        Deno.writeFileSync(rawFile, whole.subarray(0, to));
        while (output.pump().more);
        if (end > bytes) break;
        for (const [nth, { input, afterLines }] of inputs.entries()) {
          if (afterLines <= read && !this.#isIn(talk, nth)) output.put(input);
          if (fate.isDead) throw new Death();
        }
      }
      const talked = talk;
      this.#undelivered = talked.steers.undelivered((key) => talked.isHeard(key)).map(({ text }) => text);
      return fate.writes;
    } finally {
      output?.close();
      (talk ?? record)[Symbol.dispose]();
    }
  }
}

function size(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Counts the writes of a daemon, and ends it at one of them. */
class Fate {
  writes = 0;
  isDead = false;

  constructor(private readonly deathAt: number, private readonly share: number) {}

  over<Value>(act: () => Value): Value {
    const { writeSync, truncateSync } = Deno.FsFile.prototype;
    // deno-lint-ignore no-this-alias
    const fate = this;
    Deno.FsFile.prototype.writeSync = function (bytes: Uint8Array) {
      if (fate.isDead) throw new Death();
      if (++fate.writes === fate.deathAt) {
        fate.isDead = true;
        writeSync.call(this, bytes.subarray(0, Math.floor(bytes.length * fate.share)));
        throw new Death();
      }
      return writeSync.call(this, bytes);
    };
    Deno.FsFile.prototype.truncateSync = function (length?: number) {
      if (fate.isDead) throw new Death();
      return truncateSync.call(this, length);
    };
    try {
      return act();
    } finally {
      Object.assign(Deno.FsFile.prototype, { writeSync, truncateSync });
    }
  }
}
