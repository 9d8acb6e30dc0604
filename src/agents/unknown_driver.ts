/**
 * Room `agents`: stands in for a driver that this version does not have, so that a turn which another version has begun
 * can be watched to its end. What the agent prints is kept line by line, and never taken for success.
 *
 * @module
 */
import type { LaunchRecord } from "../domain/turn/launch_record.ts";
import type { AgentDriver } from "./driver.ts";

/** @param record how the turn was begun; empty for an agent of which nothing was recorded */
export function unknownDriver(name: string, record: Partial<LaunchRecord> = {}): AgentDriver {
  const { driver = name, signal } = record;
  return {
    name,
    title: name,
    executables: [],
    versionArgs: [],
    readVersion: () => null,
    versions: { oldest: "0", tested: "0" },
    hasSessions: false,
    gracefulSignal: signal === "SIGINT" ? "SIGINT" : "SIGTERM",
    hints: {
      install: "Update agent-async.",
      upgrade: "Update agent-async.",
      login: `Log in to ${name} in a terminal.`,
    },
    tells: { files: false, commands: false },
    command() {
      throw new TypeError(`Cannot start a turn of ${name}: the driver ${driver} is not known`);
    },
    reader: () => ({
      read: (line) => ({ events: [{ type: "raw", text: line }] }),
      finish: () => ({ events: [] }),
    }),
    diagnose: ({ end }) =>
      end.kind === "exited" && end.code === 0
        ? {
          reason: "no_result",
          message:
            `The turn was begun with a driver (${driver}) that this agent-async does not have, so what was printed could not be read`,
          hint:
            "What the agent printed is in the job's output as it came; update agent-async to continue the job.",
          retry_at: null,
        }
        : null,
  };
}
