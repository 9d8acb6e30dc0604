/**
 * Room `kernel`: what the files of a turn tell of its wrapper and its agent. A daemon that did not start them knows
 * them by these files alone.
 *
 * @module
 */
import { basename } from "node:path";
import { ifOurs } from "../system/files/files.ts";
import { readTextIfOurs } from "../system/files/is_there.ts";
import type { Processes, ProcessIdentity } from "../system/processes/processes.ts";
import { readFeeder } from "./channel/feeder.ts";
import { readExitRecord } from "./end/exit_record.ts";
import type { TurnDirectory } from "./turn_directory.ts";

/**
 * Whether a turn's wrapper lives. `unborn`: none has claimed the turn, or the one that did has not written its pid yet.
 * A turn that stays so for some seconds has no wrapper.
 */
export type Liveness = "unborn" | "alive" | "gone";

/**
 * Ms after the wrapper's start at which a missing agent file is no longer waited for: there is no `/proc`, or the disk
 * is full.
 */
const AGENT_FILE_MS = 1_000;

/** Programs that the wrapper itself runs before the agent: a child of that name is not the agent. */
const WRAPPER_HELPERS: ReadonlySet<string> = new Set(["mkfifo"]);

/**
 * The wrapper and the agent of one turn. Each call reads the turn's files anew; only the wrapper's identity and the exit
 * code, which stay as they are, are kept.
 */
export class TurnProcess {
  readonly #turn: TurnDirectory;
  readonly #processes: Processes;
  #wrapper: ProcessIdentity | null = null;
  #exitCode: number | null = null;

  constructor(turn: TurnDirectory, processes: Processes) {
    this.#turn = turn;
    this.#processes = processes;
  }

  /**
   * Whether the wrapper lives, by whether somebody holds its `alive` file. That costs about 40 µs and needs no pid. A
   * copy of the file that somebody has restored is not held either. So where it is not held and there is no exit
   * record, the wrapper's process itself is looked up.
   */
  liveness(): Liveness {
    // Read before the `alive` file. A wrapper that starts in between makes its output before it writes its pid, and
    // would be taken for one that is gone.
    const hasBegun = this.#wrapper === null && this.#hasBegun();
    const held = this.#turn.wrapper.isHeld(this.#turn.aliveFile);
    if (held === true) return "alive";
    const wrapper = this.identity();
    if (wrapper === null) return this.exitRecord() === null && !hasBegun ? "unborn" : "gone";
    if (held === false && this.exitRecord() !== null) return "gone";
    return this.#processes.isAlive(wrapper) ? "alive" : "gone";
  }

  /** The exit code of the agent (128+n for signal n), or `null` as long as there is no record. */
  exitRecord(): number | null {
    return this.#exitCode ??= readExitRecord(this.#turn.exitFile) ??
      ifOurs(() => readExitRecord(this.#turn.archivedExitFile));
  }

  /** The wrapper's process, which leads the agent's session and process group; it may be dead. `null` when unknown. */
  identity(): ProcessIdentity | null {
    this.#wrapper ??= this.#readIdentity(this.#turn.pidFile);
    return this.#wrapper;
  }

  /** Ms since the wrapper started; `null` when it is gone or unknown. */
  ageMs(): number | null {
    const wrapper = this.identity();
    return wrapper === null ? null : this.#processes.ageMs(wrapper);
  }

  /** The agent's own process; `null` when it has not started yet or has ended. */
  agent(): ProcessIdentity | null {
    const recorded = this.#readIdentity(this.#turn.agentFile);
    if (recorded !== null) return this.#processes.isAlive(recorded) ? recorded : null;
    const wrapper = this.identity();
    if (wrapper === null || !this.#processes.isAlive(wrapper)) return null;
    // A child of the wrapper may not have become the agent yet, and would lose a signal. So it has time to write the
    // agent file itself before the process table is searched.
    if ((this.#processes.ageMs(wrapper) ?? 0) < AGENT_FILE_MS) return null;
    const feeder = readFeeder(this.#turn.feederFile, this.#processes);
    const child = this.#processes.table().find((row) =>
      row.ppid === wrapper.pid && row.pid !== feeder?.pid && !row.state.startsWith("Z") &&
      !WRAPPER_HELPERS.has(basename(row.command))
    );
    return child === undefined ? null : { ...wrapper, pid: child.pid, startTime: child.startTime };
  }

  agentPid(): number | null {
    return this.agent()?.pid ?? null;
  }

  /** Whether the file for the agent's output exists: then a wrapper has claimed the turn, whether it lives or not. */
  #hasBegun(): boolean {
    return ifOurs(() => Deno.lstatSync(this.#turn.rawFile)) !== null;
  }

  #readIdentity(path: string): ProcessIdentity | null {
    const text = readTextIfOurs(path);
    // A line without its newline is still being written.
    if (text === null || !text.endsWith("\n")) return null;
    const [digits = "", startTime, bootId] = text.slice(0, -1).split(" ");
    const pid = Number(digits);
    if (!Number.isSafeInteger(pid) || pid < 1) return null;
    if (startTime !== undefined && bootId !== undefined) return { pid, startTime, bootId };
    // A pid without a start time: as long as the `alive` file is held, its process lives and the pid is still its own.
    return this.#turn.wrapper.isHeld(this.#turn.aliveFile) === true ? this.#processes.identify(pid) : null;
  }
}
