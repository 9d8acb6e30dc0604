/**
 * Benchmark: processes that are none of ours and do nothing, for what may not cost more where many others run.
 *
 * @module
 */
import { eventually } from "../support/eventually.ts";
import { signalGroup } from "../support/signals.ts";

/** Each is a child of one shell, which says so when all are there and leads their process group. */
const SCRIPT = 'n=0; while [ "$n" -lt "$0" ]; do sleep 3600 & n=$((n+1)); done; echo ready; wait';

export class OtherProcesses implements AsyncDisposable {
  readonly #shell: Deno.ChildProcess;

  constructor(readonly count: number) {
    this.#shell = new Deno.Command("sh", {
      args: ["-c", SCRIPT, String(count)],
      detached: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  }

  /** `null` when all of them run. */
  async whyMissing(): Promise<string | null> {
    const reader = this.#shell.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return new TextDecoder().decode(value) === "ready\n" ? null : `${this.count} processes cannot be started`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Again until it is gone: a shell that is forking has a child that no signal has met.
    await eventually(() => !signalGroup(this.#shell.pid, "SIGKILL"), {
      what: "the end of the other processes",
    });
    await this.#shell.status;
  }
}
