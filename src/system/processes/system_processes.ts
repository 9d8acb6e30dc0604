/**
 * Room `system`: other processes, in the way of the system that this runs on.
 *
 * @module
 */
import { LinuxProcesses } from "./linux_processes.ts";
import type { Processes } from "./processes.ts";
import { PsProcesses } from "./ps_processes.ts";
import { WindowsProcesses } from "./windows_processes.ts";

/** Those of the system that this runs on. */
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
