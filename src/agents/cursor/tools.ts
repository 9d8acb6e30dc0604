/**
 * Room `agents`: translates Cursor's tool calls into events. The name of a call is the one member that ends in
 * `ToolCall`; other members stand beside it.
 *
 * @module
 */
import * as z from "zod";
import type { ActionState, EventBody } from "../../domain/event/event_body.ts";

const Members = z.record(z.string(), z.unknown());
type Members = z.infer<typeof Members>;

const Call = z.object({ args: Members.catch({}), result: Members.optional().catch(undefined) });

const Todos = z.array(z.object({ content: z.string(), status: z.string().catch("") }));
const McpText = z.object({ text: z.union([z.string(), z.object({ text: z.string() })]) });

const EDITING = new Set(["edit", "write", "applyPatch", "editNotebook"]);
/** Tools whose results are left out: contents of files and directories, which a person has anyway. */
const SILENT = new Set(["read", "ls", "glob", "grep", "semSearch"]);

/** The event of one `tool_call` line; `null` for one that tells nothing or is not understood. */
export function cursorToolEvent(
  id: string,
  phase: "started" | "completed",
  toolCall: Readonly<Record<string, unknown>>,
): EventBody | null {
  const key = Object.keys(toolCall).find((candidate) => candidate.endsWith("ToolCall"));
  if (key === undefined) return null;
  const call = Call.safeParse(toolCall[key]);
  if (!call.success) return null;
  const name = key.slice(0, -"ToolCall".length);
  const { args, result = {} } = call.data;
  const state = phase === "started" ? "started" : outcome(result);
  const details = member(result, "success") ?? member(result, "failure") ?? {};
  if (name === "shell") return commandEvent(id, state, args, details, problem(result));
  if (EDITING.has(name) || name === "delete") {
    const path = text(args, "path") ?? text(args, "file_path") ?? text(details, "path") ?? "";
    return { type: "file_change", id, state, changes: [{ path, kind: changeKind(name, details) }] };
  }
  if (name === "updateTodos" || name === "todoWrite") return planEvent(phase, args, details);
  if (name === "webSearch") {
    const query = text(args, "searchTerm") ?? text(args, "query") ?? "";
    return phase === "started" ? { type: "web_search", id, query } : null;
  }
  const said = state === "completed" && !SILENT.has(name) ? resultText(details) : "";
  const failed = problem(result);
  return {
    type: "tool_call",
    id,
    state,
    ...(name === "mcp" ? mcpName(args) : { tool: name }),
    ...(state === "started" ? { arguments: name === "mcp" ? args["args"] ?? {} : args } : {}),
    ...(said === "" ? {} : { result: said }),
    ...(state === "failed" || state === "declined" ? { error: failed } : {}),
  };
}

/** `success`, `failure` (a command with another exit code than 0), `rejected`, `...PermissionDenied`, `error` ... */
function outcome(result: Members): ActionState {
  const success = member(result, "success");
  if (success !== null) return success["isError"] === true ? "failed" : "completed";
  if (result["success"] === true) return "completed";
  const isRefused = Object.keys(result).some((key) => /rejected|permissionDenied/i.test(key));
  if (isRefused) return "declined";
  return Object.keys(result).some((key) => /failure|error|timeout|notFound|invalid/i.test(key))
    ? "failed"
    : "completed";
}

/** The words of a result that is not a success. */
function problem(result: Members): string {
  for (const [kind, value] of Object.entries(result)) {
    if (kind === "success") continue;
    if (typeof value === "string") return value;
    const details = Members.safeParse(value).data;
    if (details === undefined) continue;
    return text(details, "reason") ?? text(details, "error") ?? text(details, "message") ??
      text(details, "errorMessage") ?? kind;
  }
  return "failed";
}

function commandEvent(
  id: string,
  state: ActionState,
  args: Members,
  details: Members,
  reason: string,
): EventBody {
  const code = details["exitCode"];
  const printed = [text(details, "stdout"), text(details, "stderr")].filter((part) => part !== undefined)
    .join("");
  const output = state === "declined" ? reason : printed;
  return {
    type: "command",
    id,
    state: state === "completed" && typeof code === "number" && code !== 0 ? "failed" : state,
    command: text(args, "command") ?? text(details, "command") ?? "",
    ...(typeof code === "number" && Number.isSafeInteger(code) ? { exit_code: code } : {}),
    ...(output === "" ? {} : { output }),
  };
}

function changeKind(name: string, details: Members): "add" | "update" | "delete" {
  if (name === "delete") return "delete";
  const isNew = details["isNewFile"] === true || details["fileCreated"] === true;
  return isNew ? "add" : "update";
}

function planEvent(phase: "started" | "completed", args: Members, details: Members): EventBody | null {
  // The result has the whole list where the call only had what changes.
  const todos = Todos.safeParse(phase === "completed" ? details["todos"] : args["todos"]);
  if (!todos.success || (phase === "started" && args["merge"] === true)) return null;
  return {
    type: "plan",
    items: todos.data.map(({ content, status }) => ({ text: content, done: /completed/i.test(status) })),
  };
}

function mcpName(args: Members): { server?: string; tool: string } {
  const tool = text(args, "toolName") ?? text(args, "name") ?? "mcp";
  const server = text(args, "providerIdentifier") ?? text(args, "serverIdentifier") ?? text(args, "server");
  return server === undefined ? { tool } : { server, tool };
}

function resultText(details: Members): string {
  const content = details["content"];
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.flatMap((part: unknown) => {
    const known = McpText.safeParse(part).data?.text;
    if (known === undefined) return [];
    return [typeof known === "string" ? known : known.text];
  }).join("\n");
}

function member(members: Members, key: string): Members | null {
  const value = members[key];
  return typeof value === "object" && value !== null ? Members.safeParse(value).data ?? null : null;
}

function text(members: Members, key: string): string | undefined {
  const value = members[key];
  return typeof value === "string" ? value : undefined;
}
