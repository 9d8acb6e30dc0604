/**
 * Room `scheduler`: one run of a check, as a process under a wrapper of its own. A later daemon finds it by its files:
 * it waits for a run that is under way, and reads the end of one that is over.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { JobCheck } from "../../../domain/job/check.ts";
import { sweep, terminate } from "../../../kernel/end/terminate.ts";
import { launch } from "../../../kernel/launch.ts";
import type { TurnDirectory } from "../../../kernel/turn_directory.ts";
import { TurnProcess } from "../../../kernel/turn_process.ts";
import type { Clock } from "../../../system/clock.ts";
import {
  ensurePrivateDirectory,
  ifOurs,
  readTail,
  sizeIfOurs,
  writeAtomically,
} from "../../../system/files/files.ts";
import { readTextIfOurs } from "../../../system/files/is_there.ts";
import { pause } from "../../../system/pause.ts";
import type { Processes } from "../../../system/processes/processes.ts";
import type { Youth } from "../../../system/processes/young_pids.ts";
import { WrapperLife } from "../wrapper_life.ts";

/** Bytes at the end of a check's output that go back to the agent and into the job's result. */
const TAIL_BYTES = 8 * 1024;

/** Ms between two looks at a check: at first, and after {@link SHORT_MS}. */
const LOOK_MS = 20;
const LATER_LOOK_MS = 100;
const SHORT_MS = 2_000;

/** How a check came to its end. `tail`: the end of what it printed. */
export type CheckEnd =
  & { readonly seconds: number; readonly tail: string }
  & (
    | { readonly kind: "exited"; readonly exitCode: number }
    /** It ran into the time limit, or printed more than the output limit, and was ended. */
    | { readonly kind: "hung" | "flooded" }
    /** It was killed, with its wrapper: by a stop of its job, or with the machine. */
    | { readonly kind: "vanished" }
  );

export interface CheckRunOptions {
  readonly jobId: string;
  readonly files: TurnDirectory;
  readonly check: JobCheck;
  readonly command: { executable: string; args: readonly string[]; cwd: string; env: Record<string, string> };
  readonly limitMs: number;
  readonly limitBytes: number;
  readonly processes: Processes;
  readonly clock: Clock;
  /** Fires when this daemon leaves; the check goes on. */
  readonly signal: AbortSignal;
  readonly youth: () => Youth | null;
  /** Whether another run was begun after it. Then nothing of this one is left, and a search would find the other. */
  readonly isFollowed?: boolean;
  /** Called with the check's process when it is known. */
  readonly onProcess: (process: TurnProcess) => void;
}

/** Whether a run was begun, by this daemon or an earlier one. */
export function hasBegun(files: TurnDirectory): boolean {
  return readStart(files) !== null;
}

/** Runs the check, or goes on with a run that an earlier daemon has begun. `null` when this daemon leaves. */
export async function runCheck(options: CheckRunOptions): Promise<CheckEnd | null> {
  const { files, processes, clock, signal, jobId } = options;
  const process = new TurnProcess(files, processes);
  const wrapper = new WrapperLife(files, { process, clock });
  const startedAt = readStart(files);
  if (startedAt === null || process.liveness() === "unborn") begin(options, wrapper);
  options.onProcess(process);
  const begunAt = clock.steady() - (startedAt === null ? 0 : Math.max(0, clock.now() - startedAt));
  let ended: "hung" | "flooded" | null = null;
  while (!wrapper.isOver()) {
    if (signal.aborted) return null;
    const age = clock.steady() - begunAt;
    if (age > options.limitMs) ended ??= "hung";
    if (sizeIfOurs(files.rawFile) > options.limitBytes) ended ??= "flooded";
    if (ended === null) await pause(age < SHORT_MS ? LOOK_MS : LATER_LOOK_MS, signal);
    else {
      const graces = ended === "flooded" ? { graceMs: 0, termMs: 0 } : {};
      await terminate({ turn: files, jobId, gracefulSignal: "SIGTERM", processes, ...graces });
      break;
    }
  }
  if (options.isFollowed !== true) await sweep(jobId, processes, options.youth());
  const told = { seconds: secondsOf(files, startedAt ?? clock.now(), clock), tail: tailOf(files) };
  if (ended !== null) return { kind: ended, ...told };
  const exitCode = process.exitRecord();
  return exitCode === null ? { kind: "vanished", ...told } : { kind: "exited", exitCode, ...told };
}

function begin({ files, command, clock }: CheckRunOptions, wrapper: WrapperLife): void {
  files.release();
  ensurePrivateDirectory(dirname(files.path));
  ensurePrivateDirectory(files.path);
  writeAtomically(startFile(files), `${clock.now()}\n`);
  const { status } = launch({ turn: files, ...command, stdin: "none" });
  wrapper.launched(status);
}

/** Epoch ms at which the run was begun; `null` when it was not. */
function readStart(files: TurnDirectory): number | null {
  const text = readTextIfOurs(startFile(files));
  return text === null || !/^\d+\n$/.test(text) ? null : Number(text);
}

function startFile(files: TurnDirectory): string {
  return join(files.path, "started");
}

/** From the beginning of the run to its exit record, so that a later daemon reads the same. */
function secondsOf(files: TurnDirectory, startedAt: number, clock: Clock): number {
  const from = readStart(files) ?? startedAt;
  const to = ifOurs(() => Deno.statSync(files.exitFile).mtime?.getTime()) ?? clock.now();
  return Math.max(0, Math.round(to - from)) / 1000;
}

function tailOf(files: TurnDirectory): string {
  return [files.rawFile, files.stderrFile].map((path) => readTail(path, TAIL_BYTES)).join("");
}
