/**
 * Room `agents`: translates tool calls of the Gemini CLI into events. Its stream has the arguments of a call, but of
 * most results only what its terminal would show.
 *
 * @module
 */
import * as z from "zod";
import type { ActionState, EventBody } from "../../domain/event/event_body.ts";
import { saidIn } from "../reading/said.ts";

export const GeminiToolUse = z.object({
  type: z.literal("tool_use"),
  tool_name: z.string(),
  tool_id: z.string(),
  parameters: z.unknown().optional(),
});
export type GeminiToolUse = z.infer<typeof GeminiToolUse>;

export const GeminiToolResult = z.object({
  type: z.literal("tool_result"),
  tool_id: z.string(),
  status: z.string().catch(""),
  output: z.string().nullish().catch(null),
  /** An object with a type and a message; looked at where it is used. */
  error: z.unknown().optional(),
});
export type GeminiToolResult = z.infer<typeof GeminiToolResult>;

const ErrorType = z.object({ type: z.string() });
const Command = z.object({ command: z.string() });
const WriteFile = z.object({ file_path: z.string() });
const Replace = z.object({ file_path: z.string(), old_string: z.string().catch("?") });
const WebSearch = z.object({ query: z.string() });
const WriteTodos = z.object({
  todos: z.array(z.object({ description: z.string(), status: z.string().catch("") })),
});

/** Types of errors that mean a refusal, not a fault. */
const REFUSALS = new Set([
  "tool_not_registered",
  "policy_violation",
  "path_not_in_workspace",
  "permission_denied",
  "execution_denied",
]);

/** `mcp_<server>_<tool>`: a server's name with an underscore in it cannot be told from the tool's. */
const MCP_TOOL = /^mcp_([^_]+)_(.+)$/;

/**
 * The start of a call.
 * @param known paths that this turn has read or written: writing another one makes a new file, as far as the stream
 * tells, since agents read a file before they replace it.
 */
export function toolUseEvent(use: GeminiToolUse, known: ReadonlySet<string>): EventBody {
  const { tool_id: id, tool_name: tool, parameters } = use;
  switch (tool) {
    case "run_shell_command": {
      const parsed = Command.safeParse(parameters);
      if (parsed.success) return { type: "command", id, state: "started", command: parsed.data.command };
      break;
    }
    case "write_file": {
      const parsed = WriteFile.safeParse(parameters);
      if (!parsed.success) break;
      const path = parsed.data.file_path;
      return fileChange(id, path, known.has(path) ? "update" : "add");
    }
    case "replace": {
      const parsed = Replace.safeParse(parameters);
      // An empty text to replace is how it makes a new file.
      if (parsed.success) {
        return fileChange(id, parsed.data.file_path, parsed.data.old_string === "" ? "add" : "update");
      }
      break;
    }
    case "google_web_search": {
      const parsed = WebSearch.safeParse(parameters);
      if (parsed.success) return { type: "web_search", id, query: parsed.data.query };
      break;
    }
    case "write_todos": {
      const parsed = WriteTodos.safeParse(parameters);
      if (!parsed.success) break;
      const items = parsed.data.todos.map((todo) => ({
        text: todo.description,
        done: todo.status === "completed",
      }));
      return { type: "plan", items };
    }
  }
  const mcp = MCP_TOOL.exec(tool);
  return {
    type: "tool_call",
    id,
    state: "started",
    ...(mcp?.[1] === undefined ? {} : { server: mcp[1] }),
    tool: mcp?.[2] ?? tool,
    ...(parameters === undefined ? {} : { arguments: parameters }),
  };
}

/** The end of the call that `start` began; `null` when it adds nothing. */
export function toolResultEvent(start: EventBody, result: GeminiToolResult): EventBody | null {
  const state = endState(result);
  const said = saidIn(result.error) ?? result.output ?? "";
  switch (start.type) {
    case "command":
      return commandEnd(start, result, state);
    case "file_change":
      return { ...start, state };
    case "tool_call":
      return {
        ...start,
        state,
        ...(state === "completed" ? (said === "" ? {} : { result: said }) : { error: said }),
      };
    default:
      return state === "completed" ? null : { type: "warning", message: `${start.type} failed: ${said}` };
  }
}

function endState(result: GeminiToolResult): ActionState {
  if (result.status !== "error") return "completed";
  const { type = "" } = ErrorType.safeParse(result.error).data ?? {};
  const message = saidIn(result.error) ?? "";
  return REFUSALS.has(type) || /^path not in workspace|denied by policy/i.test(message)
    ? "declined"
    : "failed";
}

/**
 * The end of a shell command. An exit code other than 0 is in the result's text, and only when the command printed
 * nothing. With output, the exit code is not in the stream and stays unknown. No output means exit code 0, except in
 * the oldest versions (0.39), which leave out what every command printed.
 */
function commandEnd(
  start: EventBody & { type: "command" },
  result: GeminiToolResult,
  state: ActionState,
): EventBody {
  if (state !== "completed") {
    return { ...start, state, output: saidIn(result.error) ?? result.output ?? "" };
  }
  const { output } = result;
  if (output === undefined || output === null) return { ...start, state };
  if (output === "") return { ...start, state, exit_code: 0 };
  const code = /^Command exited with code: (-?\d+)$/.exec(output)?.[1];
  if (code !== undefined) return { ...start, state: "failed", exit_code: Number(code) };
  const failed = /^Command (?:terminated by signal|failed): /.test(output);
  return { ...start, state: failed ? "failed" : state, output };
}

function fileChange(id: string, path: string, kind: "add" | "update"): EventBody {
  return { type: "file_change", id, state: "started", changes: [{ path, kind }] };
}
