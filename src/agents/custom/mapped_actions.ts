/**
 * Room `agents`: commands, tool calls and file changes of an agent of the user's own. One line may be a whole action,
 * or its start and its end are two, joined by an id.
 *
 * @module
 */
import type { ActionState, EventBody, FileChange } from "../../domain/event/event_body.ts";
import type { EventMapping } from "../../domain/agent/event_mapping.ts";
import { textsAt, wholeNumberAt } from "../reading/json_members.ts";
import { isAsSaid } from "./mapping_conditions.ts";

/** A line, or the element of it that the mapping is tried with. */
export interface MappedPart {
  readonly mapping: EventMapping;
  readonly texts: readonly string[];
  readonly part: unknown;
  readonly line: unknown;
}

type ActionType = "command" | "tool" | "file_change";

interface Begun {
  readonly type: ActionType;
  readonly text: string;
}

export class MappedActions {
  /** Actions that have begun and not ended, by the agent's own ids. */
  readonly #begun = new Map<string, Begun>();
  #count = 0;

  /** Whether the mapping is the end of an action that has begun as another kind, or has not begun. */
  isForeignEnd({ mapping, part, texts }: Omit<MappedPart, "line">): boolean {
    if (mapping.phase !== "end") return false;
    const begun = this.#begun.get(idAt(mapping, part) ?? "");
    return begun === undefined ? texts.length === 0 : begun.type !== mapping.type;
  }

  events(type: ActionType, found: MappedPart): EventBody[] {
    const { mapping, part } = found;
    if (mapping.phase === undefined) {
      return found.texts.flatMap((text) => {
        const id = this.#nextId();
        const end = this.#end(type, found, { id, text });
        return type === "command" ? [started(type, { id, text, found }), end] : [end];
      });
    }
    const id = idAt(mapping, part) ?? this.#nextId();
    if (mapping.phase === "start") {
      const [text = ""] = found.texts;
      this.#begun.set(id, { type, text });
      return [started(type, { id, text, found })];
    }
    const begun = this.#begun.get(id);
    this.#begun.delete(id);
    return [this.#end(type, found, { id, text: found.texts[0] ?? begun?.text ?? "" })];
  }

  #end(
    type: ActionType,
    { mapping, part, line }: MappedPart,
    { id, text }: { id: string; text: string },
  ): EventBody {
    const output = mapping.output === undefined ? "" : textsAt(part, mapping.output).join("\n");
    const exit_code = wholeNumberAt(part, mapping.exit_code);
    const state = endState({ mapping, part, line, texts: [] }, exit_code);
    switch (type) {
      case "command":
        return {
          type,
          id,
          state,
          command: text,
          ...(exit_code === null ? {} : { exit_code }),
          ...(output === "" ? {} : { output }),
        };
      case "tool":
        return {
          type: "tool_call",
          id,
          state,
          tool: text,
          ...(output === "" ? {} : state === "completed" ? { result: output } : { error: output }),
        };
      case "file_change":
        return {
          type,
          id,
          state,
          changes: [{ path: text, kind: changeKind({ mapping, part, line, texts: [] }) }],
        };
    }
  }

  #nextId(): string {
    return `action-${++this.#count}`;
  }
}

function started(
  type: ActionType,
  { id, text, found }: { id: string; text: string; found: MappedPart },
): EventBody {
  switch (type) {
    case "command":
      return { type, id, state: "started", command: text };
    case "tool":
      return { type: "tool_call", id, state: "started", tool: text };
    case "file_change":
      return { type, id, state: "started", changes: [{ path: text, kind: changeKind(found) }] };
  }
}

function idAt(mapping: EventMapping, part: unknown): string | undefined {
  return mapping.id === undefined ? undefined : textsAt(part, mapping.id)[0];
}

function endState({ mapping, part, line }: MappedPart, exitCode: number | null): ActionState {
  const { declined, failed } = mapping;
  if (declined !== undefined && isAsSaid(declined, part, line)) return "declined";
  if (failed !== undefined && isAsSaid(failed, part, line)) return "failed";
  return exitCode === null || exitCode === 0 ? "completed" : "failed";
}

/** Words of agents for a change of a file. */
const ADDED = /^(?:add|create|new|write_new)/i;
const DELETED = /^(?:delete|remove|unlink)/i;

function changeKind({ mapping: { kind }, part, line }: MappedPart): FileChange["kind"] {
  if (kind === undefined) return "update";
  if (typeof kind !== "string") {
    if (kind.add !== undefined && isAsSaid(kind.add, part, line)) return "add";
    return kind.delete !== undefined && isAsSaid(kind.delete, part, line) ? "delete" : "update";
  }
  const word = kind === "add" || kind === "update" || kind === "delete" ? kind : textsAt(part, kind)[0] ?? "";
  return ADDED.test(word) ? "add" : DELETED.test(word) ? "delete" : "update";
}
