/**
 * The table of `docs/testing.md`: what is tested where, made of the list by which it is run.
 *
 * @module
 */
import { type OtherSystem, PARTS } from "./system_batches.ts";

/** One row for each part, and the files of each system in numbers. */
export function systemsTable(): string {
  const cell = (on: readonly OtherSystem[], system: OtherSystem, where: string) =>
    on.includes(system) ? where : "";
  const rows = PARTS.map(({ shows, on }) =>
    `| ${shows} | yes | ${cell(on, "macos", "CI")} | ${cell(on, "windows", "Wine, CI")} |`
  );
  return [
    "| what | Linux | macOS | Windows |",
    "| --- | --- | --- | --- |",
    "| everything else: real agents and hosts, places with git, faults, the monitor in a terminal | yes | | |",
    ...rows,
  ].join("\n");
}
