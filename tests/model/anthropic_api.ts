/**
 * The scripted model as Anthropic's Messages API, well enough for the real Claude Code.
 *
 * @module
 */
import { z } from "zod";
import { eventStream, type ModelApi, type ModelRequest, pause, settled, StreamCut } from "./model_api.ts";
import { type Answer, type Item, type Refusal, type TokenCounts, USAGE } from "./scenario.ts";

const TextBlock = z.object({ type: z.literal("text"), text: z.string() });

const ToolResultBlock = z.object({
  type: z.literal("tool_result"),
  content: z.union([z.string(), z.array(z.unknown())]).catch(""),
});

const Body = z.object({
  model: z.string().catch("unknown"),
  stream: z.boolean().catch(false),
  messages: z.array(
    z.object({ role: z.string(), content: z.union([z.string(), z.array(z.unknown())]) }),
  ).catch([]),
  tools: z.array(z.unknown()).catch([]),
});

const NamedTool = z.object({ name: z.string() });

type Block =
  | { type: "text"; text: string }
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "tool_use"; id: string; name: string; input: Record<string, unknown> };

/** Its base URL is `<server>/s/<scenario>`, without `/v1`: the client adds that. */
export class AnthropicApi implements ModelApi {
  #count = 0;

  takes(method: string, path: string): boolean {
    return method === "POST" && path.endsWith("/v1/messages");
  }

  /** Without what Claude Code itself puts into the user's messages. */
  userTexts(body: unknown): string[] {
    const parsed = Body.safeParse(body);
    if (!parsed.success) return [];
    return parsed.data.messages.filter(({ role }) => role === "user").flatMap(({ content }) =>
      textsOf(content).filter((text) => !text.startsWith("<system-reminder>"))
    );
  }

  toolResults(body: unknown): string[] {
    const parsed = Body.safeParse(body);
    if (!parsed.success) return [];
    return parsed.data.messages.flatMap(({ content }) => typeof content === "string" ? [] : content)
      .flatMap((block) => {
        const result = ToolResultBlock.safeParse(block);
        return result.success ? [textsOf(result.data.content).join("\n")] : [];
      });
  }

  async respond(step: Answer | Refusal, request: ModelRequest, signal: AbortSignal): Promise<Response> {
    await pause(step.delayMs ?? 0, signal);
    if ("status" in step) return refusal(step);
    if (step.after !== undefined) await settled(step.after, signal);
    const body = Body.parse(request.body);
    const tools = new Set(body.tools.flatMap((tool) => NamedTool.safeParse(tool).data?.name ?? []));
    const id = `msg_${++this.#count}`;
    const blocks = step.items.flatMap((item, index) => blocksOf(item, `${id}_${index}`, tools));
    const message = {
      id,
      type: "message",
      role: "assistant",
      model: body.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage(step.usage ?? USAGE), output_tokens: 1 },
    };
    const end = {
      stop_reason: blocks.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn",
      stop_sequence: null,
    };
    if (!body.stream) {
      return Response.json({ ...message, ...end, content: blocks, usage: usage(step.usage ?? USAGE) });
    }
    return eventStream(this.#events(message, blocks, end, step, signal));
  }

  /** The check that the server is there, and the count of tokens. */
  other(method: string, path: string): Response | null {
    if (method === "POST" && path.endsWith("/v1/messages/count_tokens")) {
      return Response.json({ input_tokens: USAGE.input });
    }
    return method === "HEAD" && path === "/" ? new Response(null) : null;
  }

  async *#events(
    message: object,
    blocks: readonly Block[],
    end: object,
    step: Answer,
    signal: AbortSignal,
  ): AsyncGenerator<string, void> {
    yield event("message_start", { message });
    for (const [index, block] of blocks.entries()) {
      if (index > 0) await pause(step.pauseMs ?? 0, signal);
      yield event("content_block_start", { index, content_block: emptied(block) });
      for (const delta of deltas(block)) yield event("content_block_delta", { index, delta });
      yield event("content_block_stop", { index });
    }
    if (step.end === "cut") throw new StreamCut("the scenario cuts the stream here");
    if (step.end === "hang") {
      await settled(new Promise(() => {}), signal);
      return;
    }
    yield event("message_delta", { delta: end, usage: { output_tokens: (step.usage ?? USAGE).output } });
    yield event("message_stop", {});
  }
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  529: "overloaded_error",
};

function refusal({ status, body, headers }: Refusal): Response {
  const type = ERROR_TYPES[status] ?? "api_error";
  return Response.json(
    body ?? { type: "error", error: { type, message: `the scripted model says ${status}` } },
    { status, ...(headers === undefined ? {} : { headers }) },
  );
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}`;
}

/** Anthropic counts the cached tokens beside the input ones. */
function usage(counts: TokenCounts) {
  return {
    input_tokens: counts.input - counts.cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: counts.cached,
    output_tokens: counts.output,
  };
}

function blocksOf(item: Item, id: string, tools: ReadonlySet<string>): Block[] {
  switch (item.kind) {
    case "text":
      return [{ type: "text", text: item.text }];
    case "reasoning":
      return [{ type: "thinking", thinking: item.text, signature: "c2ln" }];
    case "shell":
      return [call(id, "Bash", { command: item.command, description: "scripted" })];
    case "patch":
      return filesOf(item.patch).map((file, index) => call(`${id}_${index}`, file.tool, file.input));
    case "mcp":
      return [call(id, `mcp__${item.server}__${item.tool}`, item.arguments)];
    case "plan":
      return planCalls(item.items, id, tools);
    case "tool":
      return [call(id, item.tool, item.arguments)];
    case "search":
      return [call(id, "ToolSearch", { query: item.query, max_results: item.limit })];
  }
}

function call(id: string, name: string, input: Record<string, unknown>): Block {
  return { type: "tool_use", id: `toolu_${id}`, name, input };
}

/** Newer versions add and change the entries of a plan one by one. */
function planCalls(
  items: readonly { text: string; done: boolean }[],
  id: string,
  tools: ReadonlySet<string>,
): Block[] {
  if (tools.has("TodoWrite")) {
    const todos = items.map(({ text, done }) => ({
      content: text,
      activeForm: text,
      status: done ? "completed" : "pending",
    }));
    return [call(id, "TodoWrite", { todos })];
  }
  return items.map(({ text }, index) =>
    call(`${id}_${index}`, "TaskCreate", { subject: text, description: text })
  );
}

/** A patch of the `apply_patch` format as calls of `Write` and `Edit`; one hunk per file. */
function filesOf(patch: string): { tool: "Write" | "Edit"; input: Record<string, unknown> }[] {
  return patch.split(/^\*\*\* (?=Add File|Update File)/m).slice(1).map((part) => {
    const [head = "", ...lines] = part.split("\n");
    const path = head.replace(/^(?:Add|Update) File: /, "");
    const side = (marks: string): string =>
      lines.filter((line) => line !== "" && marks.includes(line.charAt(0))).map((line) => line.slice(1)).join(
        "\n",
      );
    return head.startsWith("Add")
      ? { tool: "Write", input: { file_path: path, content: `${side("+")}\n` } }
      : { tool: "Edit", input: { file_path: path, old_string: side(" -"), new_string: side(" +") } };
  });
}

function emptied(block: Block): Block {
  switch (block.type) {
    case "text":
      return { ...block, text: "" };
    case "thinking":
      return { ...block, thinking: "", signature: "" };
    case "tool_use":
      return { ...block, input: {} };
  }
}

function deltas(block: Block): object[] {
  switch (block.type) {
    case "text":
      return [{ type: "text_delta", text: block.text }];
    case "thinking":
      return [
        { type: "thinking_delta", thinking: block.thinking },
        { type: "signature_delta", signature: block.signature },
      ];
    case "tool_use":
      return [{ type: "input_json_delta", partial_json: JSON.stringify(block.input) }];
  }
}

function textsOf(content: string | readonly unknown[]): string[] {
  if (typeof content === "string") return [content];
  return content.flatMap((block) => TextBlock.safeParse(block).data?.text ?? []);
}
