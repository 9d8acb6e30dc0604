/**
 * Support for tests: output recorded from the real agents, and what a driver reads from it.
 *
 * @module
 */
import type { AgentDriver } from "../../src/agents/driver.ts";
import type { ReaderContext } from "../../src/agents/turn_reader.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import type { Terminal } from "../../src/domain/turn/turn.ts";

const RECORDED = new URL("../fixtures/recorded/", import.meta.url);

/** The lines of one recording, such as `codex/mcp.jsonl`. */
export function recordedLines(name: string): string[] {
  return Deno.readTextFileSync(new URL(name, RECORDED)).split("\n").filter((line) => line !== "");
}

/** Names of all the recordings of one agent. */
export function recordings(agent: string): string[] {
  return [...Deno.readDirSync(new URL(`${agent}/`, RECORDED))].map(({ name }) => `${agent}/${name}`).sort();
}

export const FIRST_TURN: ReaderContext = { sessionId: null, sessionUsage: null, startedAt: 0 };

/** All that a fresh reader makes of `lines`, its end included. */
export function readAll(
  driver: AgentDriver,
  lines: readonly string[],
  context: ReaderContext = FIRST_TURN,
): { events: EventBody[]; terminal: Terminal | null } {
  const reader = driver.reader(context);
  const readings = [...lines.map((line) => reader.read(line)), reader.finish()];
  return {
    events: readings.flatMap(({ events }) => events),
    terminal: readings.reduce<Terminal | null>((last, { terminal }) => terminal ?? last, null),
  };
}
