/**
 * Room `agents`: the tool calls of an agent that speaks ACP, as events. An agent tells a call piece by piece: its kind,
 * then its command or file, then what came of it. A call is told as begun once it is known what it does.
 *
 * @module
 */
import type { ActionState, EventBody, FileChange } from "../../../domain/event/event_body.ts";
import { parseObject } from "../../reading/json_line.ts";
import { membersAt } from "../../reading/json_members.ts";
import {
  type Action,
  type Call,
  contentText,
  type Diff,
  diffsOf,
  isEdit,
  newCall,
  patchedFiles,
  pathsOf,
  stringsAt,
  type ToolCallFields,
} from "./tool_call.ts";
import { commandOf, endOfCommand, isCommand, outputOf, toolOf } from "./tool_words.ts";

export class AcpToolCalls {
  readonly #calls = new Map<string, Call>();

  /** Takes what an update says of a call. */
  update(fields: ToolCallFields): EventBody[] {
    const call = this.#merged(fields);
    if (call.isEnded) return [];
    const state = endState(call.status);
    if (state !== null) return this.#end(call, state);
    return isKnown(call) ? begin(call) : [];
  }

  /** The call about which the agent asks, told as begun: somebody is to decide on it. */
  asked(fields: ToolCallFields): { call: Call; events: EventBody[] } {
    const call = this.#merged(fields);
    return { call, events: call.isEnded ? [] : begin(call) };
  }

  /** The call was refused. What the agent says of it later is no news. */
  decline(id: string): EventBody[] {
    const call = this.#calls.get(id);
    return call === undefined || call.isEnded ? [] : this.#end(call, "declined");
  }

  /** Ends what has no end: nothing that an agent has started outlives its turn. */
  finish(): EventBody[] {
    return [...this.#calls.values()].flatMap((call): EventBody[] => {
      if (call.isEnded || call.begun === null) return [];
      call.isEnded = true;
      return [{ ...call.begun, state: "failed", ended: true }];
    });
  }

  #end(call: Call, state: ActionState): EventBody[] {
    const begun = begin(call);
    call.isEnded = true;
    return [...begun, ended(call, state)];
  }

  #merged(fields: ToolCallFields): Call {
    const call = this.#calls.get(fields.toolCallId) ?? newCall(fields.toolCallId);
    this.#calls.set(call.id, call);
    call.kind = fields.kind ?? call.kind;
    call.title = fields.title ?? call.title;
    call.name = toolOf(fields) ?? call.name;
    call.status = fields.status ?? call.status;
    // An update with nothing in it takes nothing back: Gemini CLI's end of a call is one.
    if (isFull(fields.content)) call.content = fields.content;
    if (isFull(fields.content) && call.status !== "pending") call.shown = fields.content;
    if (isFull(fields.locations)) call.locations = fields.locations;
    call.input = { ...call.input, ...inputOf(fields) };
    call.output = fields.rawOutput ?? call.output;
    call.printed += stringsAt(fields._meta, "terminal_output.data").join("");
    call.exitCode = numberAt(fields._meta, "terminal_exit.exit_code") ?? call.exitCode;
    return call;
  }
}

/** What the tool is given. Kimi Code tells it in the words of the call before it tells it as such. */
function inputOf({ rawInput, content }: ToolCallFields): object {
  if (typeof rawInput === "object" && rawInput !== null) return rawInput;
  return isFull(content) ? parseObject(contentText({ content })) ?? {} : {};
}

function isFull(list: readonly unknown[] | null | undefined): list is readonly unknown[] {
  return list !== null && list !== undefined && list.length > 0;
}

/** Whether it is known what the call does, so far that it can be told as begun. */
function isKnown(call: Call): boolean {
  // Whether a file is new is known at the end, or when the agent asks about it.
  if (isEdit(call)) return false;
  if (isCommand(call)) return commandOf(call.input) !== null || call.status !== "pending";
  return call.status !== "pending";
}

function begin(call: Call): EventBody[] {
  if (call.begun !== null) return [];
  call.begun = startOf(call);
  return [call.begun];
}

function startOf(call: Call): Action {
  const { id } = call;
  if (isCommand(call)) {
    return { type: "command", id, state: "started", command: commandOf(call.input) ?? call.title };
  }
  const changes = isEdit(call) ? changesOf(call) : [];
  if (changes.length > 0) return { type: "file_change", id, state: "started", changes };
  const { server, tool } = serverAndTool(call);
  return {
    type: "tool_call",
    id,
    state: "started",
    ...(server === null ? {} : { server }),
    tool,
    ...(Object.keys(call.input).length === 0 ? {} : { arguments: call.input }),
  };
}

function ended(call: Call, state: ActionState): EventBody {
  const begun = call.begun ?? startOf(call);
  switch (begun.type) {
    case "command":
      return { ...begun, ...endOfCommand(call, state), command: commandOf(call.input) ?? begun.command };
    case "file_change":
      return { ...begun, state };
    case "tool_call": {
      const said = state === "completed" && call.kind === "read" ? "" : outputOf(call);
      const words = said === "" ? {} : state === "completed" ? { result: said } : { error: said };
      return { ...begun, state, ...words };
    }
  }
}

function changesOf(call: Call): FileChange[] {
  const kinds = new Map([
    ...patchedFiles(call).map(({ path, kind }) => [path, kind] as const),
    ...diffsOf(call).map((diff) => [diff.path, kindOfDiff(diff)] as const),
  ]);
  const isNew = membersAt(call.output, "metadata.exists").includes(false);
  return pathsOf(call).map((path) => ({
    path,
    kind: call.kind === "delete" ? "delete" : isNew ? "add" : kinds.get(path) ?? "update",
  }));
}

/** What Cursor tells as the old text of a file that was not there. */
const NO_FILE = "-- /dev/null";

function kindOfDiff({ oldText, _meta }: Diff): FileChange["kind"] {
  const said = _meta?.kind;
  if (said === "add" || said === "delete") return said;
  const wasThere = (oldText ?? "") !== "" && oldText !== NO_FILE;
  return said === undefined && !wasThere ? "add" : "update";
}

/** `mcp__<server>__<tool>`, as most agents name a tool of an MCP server; `mcp_<server>_<tool>` is Gemini CLI's way. */
const MCP_TOOL = /^mcp(?:__(.+?)__|_([^_]+)_)(.+)$/;

function serverAndTool(call: Call): { server: string | null; tool: string } {
  const name = call.name === "" ? call.title === "" ? "a tool" : call.title : call.name;
  const [, server, other, tool] = MCP_TOOL.exec(name) ?? [];
  return tool === undefined ? { server: null, tool: name } : { server: server ?? other ?? null, tool };
}

/** How the call has ended; `null` while it has not. */
function endState(status: string): ActionState | null {
  switch (status) {
    case "completed":
      return "completed";
    case "failed":
    case "cancelled":
      return "failed";
    case "rejected":
    case "declined":
      return "declined";
    default:
      return null;
  }
}

function numberAt(value: unknown, name: string): number | null {
  const [number] = membersAt(value, name);
  return typeof number === "number" && Number.isInteger(number) ? number : null;
}
