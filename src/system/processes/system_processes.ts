/**
 * Room `system`: chooses the implementation of `Processes` for the operating system.
 *
 * @module
 */
import { LinuxProcesses } from "./linux_processes.ts";
import type { Processes } from "./processes.ts";
import { PsProcesses } from "./ps_processes.ts";
import { WindowsProcesses } from "./windows_processes.ts";

/** The implementation for `os`, a value of `Deno.build.os`. */
export function systemProcesses(os: string = Deno.build.os): Processes {
  switch (os) {
    case "linux":
      return new LinuxProcesses();
    case "windows":
      return new WindowsProcesses();
    default:
      return new PsProcesses();
  }
}
