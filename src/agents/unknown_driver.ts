/**
 * Room `agents`: stands in for a driver that is not there, of a later version say, whose turn this one has to watch to its end. What the agent
 * prints is kept line by line, and never taken for success.
 *
 * @module
 */
import type { LaunchRecord } from "../domain/turn/launch_record.ts";
import type { AgentDriver } from "./driver.ts";

/** @param record what is known of how its turn was begun; of an agent that is known no more, nothing is */
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
