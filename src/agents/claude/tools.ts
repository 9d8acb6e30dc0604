/**
 * Room `agents`: Claude Code's tool calls, and the events they are. A call and its answer are two lines; what the
 * answer needs of the call is kept in between.
 *
 * @module
 */
import * as z from "zod";
import type { ActionState, EventBody } from "../../domain/event/event_body.ts";
import { contentText, type ToolResult, type ToolUse } from "./lines.ts";
import { HOOK_REASONS } from "./read_only.ts";

/** What a `user` line says of a tool's result beside the result's text. */
export interface AnswerNotes {
  /** `tool_use_result`: structured, or a text for a failure. */
  readonly details: unknown;
  /** Whether the call was refused and never executed; only newer versions tell. */
  readonly refused: boolean;
}

const Todos = z.array(z.object({ content: z.string(), status: z.string().catch("") }));
const WriteDetails = z.object({ type: z.string() });
const BashDetails = z.object({
  interrupted: z.boolean().catch(false),
  backgroundTaskId: z.string().optional().catch(undefined),
  /** Set when the exit code is not 0 and yet no failure: `grep` without a match. */
  returnCodeInterpretation: z.string().optional().catch(undefined),
});

const EDITING = new Set(["Write", "Edit", "MultiEdit", "NotebookEdit"]);
const PLANNING = new Set(["TodoWrite", "TaskCreate", "TaskUpdate", "TaskGet", "TaskList"]);
/** Tools whose results are contents of files. The model needs them, a person has them: events leave them out. */
const SILENT = new Set(["Read", "ToolSearch", "Skill"]);

const REFUSAL =
  /^(?:Claude requested permissions|Permission (?:to use|for)|PreToolUse:\w+ hook error)|denied by your permission settings|don't ask mode|^This command requires approval|was blocked\. For security/;

/** What Claude Code says of a call that a signal has interrupted. Nobody can have rejected it: `-p` asks nobody. */
const INTERRUPTED = /^The user doesn't want to proceed with this tool use/;

export class ClaudeTools {
  readonly #calls = new Map<string, ToolUse>();
  readonly #refused = new Set<string>();
  readonly #tasks = new Map<string, { text: string; done: boolean }>();

  /** Newer versions tell a refusal on a line of its own, before the result of the call. */
  refuse(toolUseId: string): void {
    this.#refused.add(toolUseId);
  }

  start(call: ToolUse): EventBody | null {
    this.#calls.set(call.id, call);
    const { id, name, input } = call;
    if (name === "TodoWrite") return todoPlan(input);
    if (PLANNING.has(name)) return null;
    if (name === "Bash") return { type: "command", id, state: "started", command: text(input, "command") };
    if (EDITING.has(name)) {
      return { type: "file_change", id, state: "started", changes: [change(call, "update")] };
    }
    if (name === "WebSearch") return { type: "web_search", id, query: text(input, "query") };
    return { type: "tool_call", id, state: "started", ...named(name), arguments: input };
  }

  finish(answer: ToolResult, notes: AnswerNotes): EventBody | null {
    const call = this.#calls.get(answer.tool_use_id);
    if (call === undefined) return null;
    this.#calls.delete(call.id);
    const text = contentText(answer.content);
    const wasInterrupted = INTERRUPTED.test(text);
    const said = wasInterrupted ? "interrupted" : text;
    // It ran, whatever kind of refusal newer versions call that.
    const state = wasInterrupted ? "failed" : this.#state(answer, said, notes);
    if (PLANNING.has(call.name)) return state === "completed" ? this.#taskPlan(call, said) : null;
    if (call.name === "Bash") return commandEnd(call, state, said, notes.details);
    if (EDITING.has(call.name)) {
      const created = WriteDetails.safeParse(notes.details).data?.type === "create" || makesFile(call);
      return { type: "file_change", id: call.id, state, changes: [change(call, created ? "add" : "update")] };
    }
    if (call.name === "WebSearch" && state === "completed") return null;
    return {
      type: "tool_call",
      id: call.id,
      state,
      ...named(call.name),
      ...(state === "completed"
        ? SILENT.has(call.name) || said === "" ? {} : { result: said }
        : { error: unwrapped(said) }),
    };
  }

  #state(answer: ToolResult, said: string, { refused }: AnswerNotes): ActionState {
    if (answer.is_error !== true) return "completed";
    const isRefused = refused || this.#refused.has(answer.tool_use_id) || REFUSAL.test(said) ||
      HOOK_REASONS.some((reason) => said.includes(reason));
    return isRefused ? "declined" : "failed";
  }

  /** The task tools of newer versions change one entry of the plan at a time; the event has the whole plan. */
  #taskPlan(call: ToolUse, said: string): EventBody | null {
    if (call.name === "TaskCreate") {
      const id = /#(\w+)/.exec(said)?.[1];
      if (id === undefined) return null;
      this.#tasks.set(id, { text: text(call.input, "subject"), done: false });
    } else if (call.name === "TaskUpdate") {
      const id = text(call.input, "taskId");
      const task = this.#tasks.get(id);
      if (task === undefined) return null;
      const status = text(call.input, "status");
      if (status === "deleted") this.#tasks.delete(id);
      else {
        const subject = text(call.input, "subject");
        const done = status === "" ? task.done : status === "completed";
        this.#tasks.set(id, { text: subject === "" ? task.text : subject, done });
      }
    } else return null;
    return { type: "plan", items: [...this.#tasks.values()] };
  }
}

/** A call in a few words, for people. */
export function describeCall(name: string, input: Readonly<Record<string, unknown>>): string {
  const what = ["command", "file_path", "notebook_path", "path", "url", "query", "description"]
    .map((key) => text(input, key)).find((value) => value !== "") ?? "";
  const line = what.split("\n", 1)[0] ?? "";
  return `${name} ${line.length > 120 ? `${line.slice(0, 119)}…` : line}`.trim();
}

function commandEnd(call: ToolUse, state: ActionState, said: string, details: unknown): EventBody {
  const notes = BashDetails.safeParse(details).data;
  const failed = /^(?:Error: )?Exit code (\d+)\n?/.exec(said);
  const ranThrough = state === "completed" && notes?.backgroundTaskId === undefined &&
    notes?.returnCodeInterpretation === undefined;
  const code = failed?.[1] !== undefined && state === "failed" ? Number(failed[1]) : ranThrough ? 0 : null;
  const output = state === "failed" && failed !== null ? said.slice(failed[0].length) : unwrapped(said);
  const hasOutput = output !== "" && output !== "(Bash completed with no output)";
  return {
    type: "command",
    id: call.id,
    state: notes?.interrupted === true ? "failed" : state,
    command: text(call.input, "command"),
    ...(code === null ? {} : { exit_code: code }),
    ...(hasOutput ? { output } : {}),
  };
}

function change(call: ToolUse, kind: "add" | "update"): { path: string; kind: "add" | "update" } {
  const path = text(call.input, "file_path");
  return { path: path === "" ? text(call.input, "notebook_path") : path, kind };
}

/** Whether an edit makes a new file: it does when the text to replace is empty. */
function makesFile({ name, input }: ToolUse): boolean {
  return name === "Edit" && input["old_string"] === "";
}

function todoPlan(input: Readonly<Record<string, unknown>>): EventBody | null {
  const todos = Todos.safeParse(input["todos"]);
  if (!todos.success) return null;
  return {
    type: "plan",
    items: todos.data.map(({ content, status }) => ({ text: content, done: status === "completed" })),
  };
}

/** `mcp__server__tool` is the tool of a server; a server's name may hold single underscores. */
function named(name: string): { server?: string; tool: string } {
  const parts = /^mcp__(.+?)__(.+)$/.exec(name);
  const [, server, tool] = parts ?? [];
  return server === undefined || tool === undefined ? { tool: name } : { server, tool };
}

function unwrapped(said: string): string {
  return /^<tool_use_error>([\s\S]*)<\/tool_use_error>$/.exec(said)?.[1] ?? said;
}

function text(input: Readonly<Record<string, unknown>>, key: string): string {
  const value = input[key];
  return typeof value === "string" ? value : "";
}
