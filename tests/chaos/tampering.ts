/**
 * Chaos: system calls of a running process that are made late, made to fail, or made its last, by strace.
 *
 * @module
 */
import { eventually } from "../support/eventually.ts";
import { hasProgram } from "../support/has_program.ts";
import { signalIfAlive } from "../support/signals.ts";

/** System calls by which the daemon changes the world. */
export const CALLS = [
  "mkdir,mkdirat",
  "rename,renameat,renameat2",
  "openat",
  "unlink,unlinkat,rmdir",
  "pwrite64",
  "fdatasync,fsync",
  "write",
  "ftruncate",
  "clone,clone3,vfork",
  "sendto,sendmsg,writev",
] as const;

export function withoutStrace(): string | null {
  return hasProgram("strace") ? null : "strace is not installed";
}

/** In the words of `strace --inject`: `error=ENOSPC`, `signal=SIGKILL`, `delay_exit=5000`; `when=3..7`. */
export interface Injection {
  calls: string;
  what: string;
}

export class Tampering implements AsyncDisposable {
  /** Resolves when there is nobody left to tamper with. */
  readonly over: Promise<unknown>;

  private constructor(readonly strace: Deno.ChildProcess) {
    this.over = strace.status;
  }

  /** Begins with a process, all its threads and whatever it forks, until it executes something else. */
  static async with(pid: number, injections: readonly Injection[]): Promise<Tampering> {
    const calls = injections.map((one) => one.calls).join(",");
    const strace = new Deno.Command("strace", {
      args: ["-f", "-b", "execve", "-o", "/dev/null", "-p", String(pid), "-e", `trace=${calls}`]
        .concat(injections.flatMap((one) => ["-e", `inject=${one.calls}:${one.what}`])),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const tampering = new Tampering(strace);
    let said = "";
    const reading = strace.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
      new WritableStream({ write: (text) => void (said += text) }),
    );
    let isOver = false;
    reading.finally(() => isOver = true).catch(() => {});
    await eventually(() => said.includes("attached") || isOver, { what: "strace" });
    // A process that has just ended cannot be attached to, which is as good.
    if (!said.includes("attached") && !/No such process|not permitted/.test(said)) throw new Error(said);
    return tampering;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signalIfAlive(this.strace.pid, "SIGKILL");
    await this.over;
  }
}
