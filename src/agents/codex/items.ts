/**
 * Room `agents`: the items of `codex exec --json`, and the events they are. Schemas are as loose as the facts allow:
 * agents change weekly.
 *
 * @module
 */
import * as z from "zod";
import type { ActionState, EventBody } from "../../domain/event/event_body.ts";
import { isBlank, saidIn } from "../reading/said.ts";
import { innerCommand } from "../shell_words.ts";

const Id = z.string().catch("");
const Text = z.string();
/** Of any type, and checked where it is used: versions of Codex differ. */
const Anything = z.unknown().optional();

const Command = z.object({
  type: z.literal("command_execution"),
  id: Id,
  command: Text,
  aggregated_output: Anything,
  exit_code: Anything,
  status: Anything,
});

const FileChange = z.object({
  type: z.literal("file_change"),
  id: Id,
  changes: z.array(z.object({ path: Text, kind: z.enum(["add", "update", "delete"]).catch("update") })),
  status: Anything,
});

const ContentPart = z.object({ type: z.literal("text"), text: z.string() });

const McpCall = z.object({
  type: z.literal("mcp_tool_call"),
  id: Id,
  server: Text,
  tool: Text,
  arguments: Anything,
  result: z.object({ content: z.array(z.unknown()).catch([]), structured_content: Anything }).nullish()
    .catch(null),
  error: Anything,
  status: Anything,
});

const CollabCall = z.object({
  type: z.literal("collab_tool_call"),
  id: Id,
  tool: Text,
  prompt: z.string().nullish().catch(null),
  receiver_thread_ids: z.array(z.string()).catch([]),
  agents_states: z.record(z.string(), z.object({ message: z.string().nullish().catch(null) })).catch({}),
  status: Anything,
});

export const CodexItem = z.discriminatedUnion("type", [
  z.object({ type: z.literal("agent_message"), text: Text }),
  z.object({ type: z.literal("reasoning"), text: Text }),
  z.object({ type: z.literal("error") }).loose(),
  Command,
  FileChange,
  McpCall,
  CollabCall,
  z.object({ type: z.literal("web_search"), id: Id, query: z.string().catch("") }),
  z.object({
    type: z.literal("todo_list"),
    items: z.array(z.object({ text: Text, completed: z.boolean().catch(false) })),
  }),
]);
export type CodexItem = z.infer<typeof CodexItem>;

/** Where in an item's life a line was printed. Codex prints up to three lines about an item. */
export type ItemPhase = "started" | "updated" | "completed";

/** The event for one line about an item; `null` when it tells nothing that an earlier line has not told. */
export function itemEvent(item: CodexItem, phase: ItemPhase): EventBody | null {
  switch (item.type) {
    case "agent_message":
      return phase === "completed" && !isBlank(item.text) ? { type: "message", text: item.text } : null;
    case "reasoning":
      return phase === "completed" && !isBlank(item.text) ? { type: "reasoning", text: item.text } : null;
    case "error": {
      const { type: _type, id: _id, ...words } = item;
      const message = saidIn(words);
      return phase === "completed" && message !== null ? { type: "warning", message } : null;
    }
    case "command_execution":
      return phase === "updated" ? null : commandEvent(item, phase);
    case "file_change":
      if (phase === "updated") return null;
      return {
        type: "file_change",
        id: item.id,
        state: actionState(item.status, phase),
        changes: item.changes,
      };
    case "mcp_tool_call":
      return phase === "updated" ? null : mcpEvent(item, phase);
    case "collab_tool_call":
      return phase === "updated" ? null : collabEvent(item, phase);
    case "web_search":
      return item.query === "" ? null : { type: "web_search", id: item.id, query: item.query };
    case "todo_list":
      return { type: "plan", items: item.items.map(({ text, completed }) => ({ text, done: completed })) };
  }
}

function commandEvent(item: z.infer<typeof Command>, phase: "started" | "completed"): EventBody {
  const { aggregated_output: output, exit_code: code } = item;
  return {
    type: "command",
    id: item.id,
    state: actionState(item.status, phase),
    command: innerCommand(item.command),
    ...(typeof code === "number" && Number.isSafeInteger(code) ? { exit_code: code } : {}),
    ...(typeof output === "string" && output !== "" ? { output } : {}),
  };
}

/** The error of a tool that Codex may not call without asking, where it may ask nobody. */
const UNASKED = /requires approval, but approval policy is never/;

function mcpEvent(item: z.infer<typeof McpCall>, phase: "started" | "completed"): EventBody {
  const result = item.result ? resultText(item.result) : "";
  const error = saidIn(item.error);
  const state = actionState(item.status, phase);
  return {
    type: "tool_call",
    id: item.id,
    state: state === "failed" && UNASKED.test(error ?? "") ? "declined" : state,
    server: item.server,
    tool: item.tool,
    ...(item.arguments === undefined || item.arguments === null ? {} : { arguments: item.arguments }),
    ...(result === "" ? {} : { result }),
    ...(error === null ? {} : { error }),
  };
}

/** The texts of a tool's result; its structured content as JSON when it has no text. */
function resultText(result: { content: unknown[]; structured_content?: unknown }): string {
  const texts = result.content.flatMap((part) => {
    const parsed = ContentPart.safeParse(part);
    return parsed.success ? [parsed.data.text] : [];
  });
  if (texts.length > 0) return texts.join("\n");
  const structured = result.structured_content;
  return structured === undefined || structured === null ? "" : JSON.stringify(structured);
}

function collabEvent(item: z.infer<typeof CollabCall>, phase: "started" | "completed"): EventBody {
  const said = Object.values(item.agents_states).flatMap(({ message }) => message ? [message] : []);
  return {
    type: "tool_call",
    id: item.id,
    state: actionState(item.status, phase),
    tool: item.tool,
    arguments: {
      ...(item.prompt ? { prompt: item.prompt } : {}),
      ...(item.receiver_thread_ids.length === 0 ? {} : { threads: item.receiver_thread_ids }),
    },
    ...(said.length === 0 ? {} : { result: said.join("\n") }),
  };
}

function actionState(status: unknown, phase: "started" | "completed"): ActionState {
  if (phase === "started") return "started";
  switch (status) {
    case "failed":
    case "declined":
      return status;
    default:
      return "completed";
  }
}
