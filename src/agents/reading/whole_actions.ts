/**
 * Room `agents`: gives every action a beginning and an end, around the reader of any agent. An agent that tells of a
 * command only when it has ended, or is ended itself while one runs, would leave a reader with a half.
 *
 * @module
 */
import type { EventBody } from "../../domain/event/event_body.ts";
import type { Reading, TurnReader } from "../turn_reader.ts";

type Action = Extract<EventBody, { type: "command" | "file_change" | "tool_call" }>;

export interface WholeActionsOptions {
  /**
   * The agent tells only at the end of a file change whether the file is new: its beginning is told with its end, so
   * that both say the same.
   */
  readonly holdsChanges?: boolean;
}

export class WholeActions implements TurnReader {
  readonly #reader: TurnReader;
  /** Actions that have begun and not ended, by type and id. */
  readonly #open = new Map<string, Action>();

  readonly #holdsChanges: boolean;
  readonly readError?: (line: string) => readonly EventBody[];
  /** File changes that have begun and are told with their end. */
  readonly #held = new Map<string, Action>();

  /** @param options.holdsChanges as of `WholeActionsOptions` */
  constructor(reader: TurnReader, { holdsChanges = false }: WholeActionsOptions = {}) {
    this.#reader = reader;
    this.#holdsChanges = holdsChanges;
    if (reader.readError !== undefined) this.readError = reader.readError.bind(reader);
  }

  read(line: string): Reading {
    return this.#whole(this.#reader.read(line));
  }

  pause(): readonly EventBody[] {
    return this.#whole({ events: this.#reader.pause?.() ?? [] }).events;
  }

  /** Ends every action that has no end: nothing that an agent has started outlives its turn. */
  finish(): Reading {
    const reading = this.#whole(this.#reader.finish());
    const begun = [...this.#held.values()];
    const ended = [...this.#open.values(), ...begun].map((action): Action => ({
      ...action,
      state: "failed",
      ended: true,
    }));
    this.#open.clear();
    this.#held.clear();
    return ended.length === 0 ? reading : { ...reading, events: [...reading.events, ...begun, ...ended] };
  }

  /** Nearly every reading is passed on as it is, and nothing is copied for it. */
  #whole(reading: Reading): Reading {
    const { events } = reading;
    let whole: EventBody[] | null = null;
    for (let at = 0; at < events.length; at += 1) {
      const event = events[at]!;
      const told = isAction(event) ? this.#action(event) : null;
      if (told !== null) whole ??= events.slice(0, at);
      whole?.push(...told ?? [event]);
    }
    return whole === null ? reading : { ...reading, events: whole };
  }

  /** The events for an action; `null` when the agent's own event stays as it is. */
  #action(action: Action): EventBody[] | null {
    const key = `${action.type} ${action.id}`;
    if (action.state === "started") {
      const isHeld = this.#holdsChanges && action.type === "file_change";
      (isHeld ? this.#held : this.#open).set(key, action);
      return isHeld ? [] : null;
    }
    if (this.#open.delete(key)) return null;
    if (action.type === "file_change") {
      return this.#held.delete(key) ? [{ ...action, state: "started" }, action] : null;
    }
    if (action.type !== "command") return null;
    // A command of which only the end is told: a transcript shows the command line where it begins.
    return [{ type: "command", id: action.id, state: "started", command: action.command }, action];
  }
}

function isAction(event: EventBody): event is Action {
  return event.type === "command" || event.type === "file_change" || event.type === "tool_call";
}
