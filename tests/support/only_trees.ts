/**
 * Test support: the processes of this machine, as little of them as Windows tells.
 *
 * @module
 */
import type { Processes, ProcessIdentity, ProcessRow } from "../../src/system/processes/processes.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";

export class OnlyTrees implements Processes {
  readonly onlyTrees = true;
  readonly #real = systemProcesses();

  identify(pid: number): ProcessIdentity | null {
    return this.#real.identify(pid);
  }

  isAlive(identity: ProcessIdentity): boolean {
    return this.#real.isAlive(identity);
  }

  ageMs(identity: ProcessIdentity): number | null {
    return this.#real.ageMs(identity);
  }

  ancestry(pid: number): ProcessRow[] {
    return this.#real.ancestry(pid);
  }

  table(): ProcessRow[] {
    return this.#real.table()
      .filter((row) => !row.state.startsWith("Z"))
      .map((row) => ({ ...row, pgid: row.pid, sid: 1 }));
  }

  withMarker(): number[] {
    return [];
  }

  signal(pid: number): boolean {
    return this.#real.signal(pid, "SIGKILL");
  }

  signalGroup(): boolean {
    throw new Error("there are no groups");
  }
}
