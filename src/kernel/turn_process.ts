/**
 * Room `kernel`: what can be known of a turn's process from its files alone, by a daemon that did not start it.
 *
 * @module
 */
import { basename } from "node:path";
import { ifOurs, readTextIfOurs } from "../system/files/files.ts";
import type { Processes, ProcessIdentity } from "../system/processes/processes.ts";
import { readExitRecord } from "./end/exit_record.ts";
import type { TurnDirectory } from "./turn_directory.ts";

/** `unborn`: not claimed yet, or claimed and not yet told its pid; after some seconds nobody will. */
export type Liveness = "unborn" | "alive" | "gone";

/** Ms after which an agent that has not written its file will not: there is no `/proc`, or the disk is full. */
const AGENT_FILE_MS = 1_000;

/** What the wrapper itself runs before the agent. */
const WRAPPER_HELPERS: ReadonlySet<string> = new Set(["mkfifo"]);

export class TurnProcess {
  readonly #turn: TurnDirectory;
  readonly #processes: Processes;
  #wrapper: ProcessIdentity | null = null;

  constructor(turn: TurnDirectory, processes: Processes) {
    this.#turn = turn;
    this.#processes = processes;
  }

  /**
   * Costs about 40 µs and needs no pid: nobody holds the `alive` file of a wrapper that has ended. Nor is one held that
   * was put in its place, such as a copy that somebody restored: so without an exit record the process itself is asked.
   */
  liveness(): Liveness {
    // First of all: whoever has begun by now has told its pid by then.
    const hasBegun = this.#wrapper === null && this.#hasBegun();
    const held = this.#turn.wrapper.isHeld(this.#turn.aliveFile);
    if (held === true) return "alive";
    const wrapper = this.identity();
    if (wrapper === null) return this.exitRecord() === null && !hasBegun ? "unborn" : "gone";
    if (held === false && this.exitRecord() !== null) return "gone";
    return this.#processes.isAlive(wrapper) ? "alive" : "gone";
  }

  /** The exit code (128+n for signal n), or `null` as long as there is no record. */
  exitRecord(): number | null {
    return readExitRecord(this.#turn.exitFile) ??
      ifOurs(() => readExitRecord(this.#turn.archivedExitFile));
  }

  /** The wrapper's, which leads the agent's session and process group; it may be dead. */
  identity(): ProcessIdentity | null {
    this.#wrapper ??= this.#readIdentity(this.#turn.pidFile);
    return this.#wrapper;
  }

  /** Ms since the wrapper started; `null` when it is gone. */
  ageMs(): number | null {
    const wrapper = this.identity();
    return wrapper === null ? null : this.#processes.ageMs(wrapper);
  }

  /** The agent's own process; `null` when it has not begun or has ended. */
  agent(): ProcessIdentity | null {
    const recorded = this.#readIdentity(this.#turn.agentFile);
    if (recorded !== null) return this.#processes.isAlive(recorded) ? recorded : null;
    const wrapper = this.identity();
    if (wrapper === null || !this.#processes.isAlive(wrapper)) return null;
    // A child that is still becoming the agent would lose a signal: it gets time to say so itself.
    if ((this.#processes.ageMs(wrapper) ?? 0) < AGENT_FILE_MS) return null;
    const child = this.#processes.table().find((row) =>
      row.ppid === wrapper.pid && !row.state.startsWith("Z") && !WRAPPER_HELPERS.has(basename(row.command))
    );
    return child === undefined ? null : { ...wrapper, pid: child.pid, startTime: child.startTime };
  }

  agentPid(): number | null {
    return this.agent()?.pid ?? null;
  }

  /** Whether the agent was started, or about to be: its output is opened after its wrapper has told its pid. */
  #hasBegun(): boolean {
    return ifOurs(() => Deno.lstatSync(this.#turn.rawFile)) !== null;
  }

  #readIdentity(path: string): ProcessIdentity | null {
    const text = readTextIfOurs(path);
    // Without its newline it is still being written.
    if (text === null || !text.endsWith("\n")) return null;
    const [digits = "", startTime, bootId] = text.slice(0, -1).split(" ");
    const pid = Number(digits);
    if (!Number.isSafeInteger(pid) || pid < 1) return null;
    if (startTime !== undefined && bootId !== undefined) return { pid, startTime, bootId };
    // Only a pid: whoever has it now is the one that wrote it as long as the file is held.
    return this.#turn.wrapper.isHeld(this.#turn.aliveFile) === true ? this.#processes.identify(pid) : null;
  }
}
