/**
 * Room `agents`: gives every action a beginning and an end, around the reader of any agent. An agent that tells of a
 * command only when it has ended, or is ended itself while one runs, would leave a reader with a half.
 *
 * @module
 */
import type { EventBody } from "../domain/event.ts";
import type { Reading, TurnReader } from "./driver.ts";

type Action = Extract<EventBody, { type: "command" | "file_change" | "tool_call" }>;

export class WholeActions implements TurnReader {
  readonly #reader: TurnReader;
  /** Actions that have begun and not ended, by type and id. */
  readonly #open = new Map<string, Action>();

  constructor(reader: TurnReader) {
    this.#reader = reader;
  }

  read(line: string): Reading {
    return this.#whole(this.#reader.read(line));
  }

  pause(): readonly EventBody[] {
    return this.#whole({ events: this.#reader.pause?.() ?? [] }).events;
  }

  /** Nothing of a turn runs on after it: what had not ended was ended with it. */
  finish(): Reading {
    const reading = this.#whole(this.#reader.finish());
    const ended = [...this.#open.values()].map((action): Action => ({
      ...action,
      state: "failed",
      ended: true,
    }));
    this.#open.clear();
    return ended.length === 0 ? reading : { ...reading, events: [...reading.events, ...ended] };
  }

  #whole(reading: Reading): Reading {
    const events: EventBody[] = [];
    for (const event of reading.events) {
      if (isAction(event)) events.push(...this.#beginning(event));
      events.push(event);
    }
    return events.length === reading.events.length ? reading : { ...reading, events };
  }

  /** The beginning of a command of which only the end is told: a transcript shows the command line there. */
  #beginning(action: Action): EventBody[] {
    const key = `${action.type} ${action.id}`;
    if (action.state === "started") {
      this.#open.set(key, action);
      return [];
    }
    if (this.#open.delete(key) || action.type !== "command") return [];
    return [{ type: "command", id: action.id, state: "started", command: action.command }];
  }
}

function isAction(event: EventBody): event is Action {
  return event.type === "command" || event.type === "file_change" || event.type === "tool_call";
}
