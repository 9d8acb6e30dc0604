/**
 * Room `agents`: the items of `codex app-server` as those of `codex exec --json`, which writes the same things in
 * another spelling. So both give the same events.
 *
 * @module
 */
import type { ActionState, EventBody } from "../../../domain/event/event_body.ts";
import { CodexItem, itemEvent } from "../items.ts";
import type { Params } from "./messages.ts";

export type LivePhase = "started" | "completed";

/** `null` for an item that tells nothing; the text of the line is for the caller when the type is not known. */
export function liveItemEvent(item: Params, phase: LivePhase): EventBody | null | "unknown" {
  const type = item["type"];
  if (typeof type !== "string") return "unknown";
  if (SILENT.has(type)) return null;
  const tool = toolEvent(type, item, phase);
  if (tool !== null) return tool;
  const { data } = CodexItem.safeParse(asExecItem(type, item));
  return data === undefined ? "unknown" : itemEvent(data, phase);
}

/** Told in other ways, or of no interest to who reads a job. */
const SILENT: ReadonlySet<string> = new Set([
  "userMessage",
  "hookPrompt",
  "functionCallOutput",
  "subAgentActivity",
  "enteredReviewMode",
  "exitedReviewMode",
  "contextCompaction",
]);

/** The item in the words of `codex exec`; what is of no known type stays as it is. */
function asExecItem(type: string, item: Params): unknown {
  const { id, status } = item;
  switch (type) {
    case "agentMessage":
    case "plan":
      return { type: "agent_message", text: item["text"] };
    case "reasoning":
      return { type: "reasoning", text: reasoningText(item) };
    case "commandExecution":
      return {
        type: "command_execution",
        id,
        command: item["command"],
        aggregated_output: item["aggregatedOutput"],
        // A command that was ended has none: Codex writes -1.
        exit_code: typeof item["exitCode"] === "number" && item["exitCode"] < 0 ? null : item["exitCode"],
        status,
      };
    case "fileChange":
      return { type: "file_change", id, changes: changesOf(item["changes"]), status };
    case "mcpToolCall":
      return {
        type: "mcp_tool_call",
        id,
        server: item["server"],
        tool: item["tool"],
        arguments: item["arguments"],
        result: withStructuredContent(item["result"]),
        error: item["error"],
        status,
      };
    case "collabAgentToolCall":
      return {
        type: "collab_tool_call",
        id,
        tool: snakeCase(item["tool"]),
        prompt: item["prompt"],
        receiver_thread_ids: item["receiverThreadIds"],
        agents_states: item["agentsStates"],
        status,
      };
    case "webSearch":
      return { type: "web_search", id, query: item["query"] };
    default:
      return item;
  }
}

/** Items that only `app-server` tells of. */
function toolEvent(type: string, item: Params, phase: LivePhase): EventBody | null {
  const event = (tool: string, given: unknown, result?: unknown): EventBody => ({
    type: "tool_call",
    id: typeof item["id"] === "string" ? item["id"] : "",
    state: stateOf(item["status"], phase),
    tool,
    ...(given === undefined || given === null ? {} : { arguments: given }),
    ...(typeof result === "string" && result !== "" ? { result } : {}),
  });
  switch (type) {
    case "dynamicToolCall":
      return event(String(item["tool"]), item["arguments"]);
    case "imageView":
      return event("view_image", { path: item["path"] });
    case "imageGeneration":
      return event("image_generation", undefined, phase === "completed" ? item["savedPath"] : undefined);
    case "sleep":
      return event("sleep", { ms: item["durationMs"] });
    default:
      return null;
  }
}

function stateOf(status: unknown, phase: LivePhase): ActionState {
  if (phase === "started") return "started";
  return status === "failed" || status === "declined" ? status : "completed";
}

function reasoningText(item: Params): string {
  const lines = (value: unknown) =>
    Array.isArray(value) ? value.filter((part) => typeof part === "string").join("\n") : "";
  return lines(item["summary"]) || lines(item["content"]);
}

/** `exec` gives the kind of a change as a word, `app-server` as an object with it. */
function changesOf(changes: unknown): unknown {
  if (!Array.isArray(changes)) return changes;
  return changes.map((change: unknown) => {
    if (typeof change !== "object" || change === null || !("kind" in change)) return change;
    const { kind } = change;
    return {
      ...change,
      kind: typeof kind === "object" && kind !== null && "type" in kind ? kind.type : kind,
    };
  });
}

function withStructuredContent(result: unknown): unknown {
  return typeof result === "object" && result !== null && "structuredContent" in result
    ? { ...result, structured_content: result.structuredContent }
    : result;
}

function snakeCase(word: unknown): string {
  return String(word).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
