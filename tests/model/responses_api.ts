/**
 * The scripted model as OpenAI's Responses API, well enough for the real Codex CLI.
 *
 * @module
 */
import { z } from "zod";
import { eventStream, type ModelApi, type ModelRequest, pause, settled, StreamCut } from "./model_api.ts";
import { type Answer, type Item, type Refusal, type TokenCounts, USAGE } from "./scenario.ts";

const Body = z.object({
  model: z.string().catch("unknown"),
  input: z.array(z.unknown()).catch([]),
  tools: z.array(z.unknown()).catch([]),
});

const UserMessage = z.object({
  type: z.literal("message").optional(),
  role: z.literal("user"),
  content: z.union([
    z.string().transform((text) => [{ text }]),
    z.array(z.object({ text: z.string() }).or(z.unknown().transform(() => ({ text: "" })))),
  ]),
});

const ToolOutput = z.object({
  type: z.enum(["function_call_output", "custom_tool_call_output"]),
  output: z.unknown(),
});

const NamedTool = z.object({ name: z.string() });

export class ResponsesApi implements ModelApi {
  #count = 0;

  takes(method: string, path: string): boolean {
    return method === "POST" && path.endsWith("/responses");
  }

  userTexts(body: unknown): string[] {
    const parsed = Body.safeParse(body);
    if (!parsed.success) return [];
    return parsed.data.input.flatMap((item) => {
      const message = UserMessage.safeParse(item);
      return message.success ? [message.data.content.map(({ text }) => text).join("")] : [];
    });
  }

  toolResults(body: unknown): string[] {
    const parsed = Body.safeParse(body);
    if (!parsed.success) return [];
    return parsed.data.input.flatMap((item) => {
      const { success, data } = ToolOutput.safeParse(item);
      if (!success) return [];
      return [typeof data.output === "string" ? data.output : JSON.stringify(data.output)];
    });
  }

  async respond(step: Answer | Refusal, request: ModelRequest, stop: AbortSignal): Promise<Response> {
    await pause(step.delayMs ?? 0, stop);
    if ("status" in step) return refusal(step);
    if (step.after !== undefined) await settled(step.after, stop);
    const parsed = Body.safeParse(request.body);
    const tools = parsed.success ? toolNames(parsed.data.tools) : new Set<string>();
    this.#count++;
    const gone = new AbortController();
    const signal = AbortSignal.any([stop, gone.signal]);
    return eventStream(this.#events(`resp_${this.#count}`, step, tools, signal), () => gone.abort());
  }

  /** Codex asks for the models of some providers; a list without any makes it use what it knows. */
  other(method: string, path: string): Response | null {
    return method === "GET" && path.endsWith("/models") ? Response.json({ models: [], data: [] }) : null;
  }

  async *#events(
    id: string,
    step: Answer,
    tools: ReadonlySet<string>,
    signal: AbortSignal,
  ): AsyncGenerator<string, void> {
    yield event({ type: "response.created", response: { id } });
    for (const [index, item] of step.items.entries()) {
      if (index > 0) await pause(step.pauseMs ?? 0, signal);
      const output = outputItem(item, `${id}_${index}`, tools);
      yield event({ type: "response.output_item.added", output_index: index, item: output });
      yield event({ type: "response.output_item.done", output_index: index, item: output });
    }
    if (step.end === "cut") throw new StreamCut("the scenario cuts the stream here");
    if (step.end === "hang") {
      await settled(new Promise(() => {}), signal);
      return;
    }
    await pause(step.items.length > 0 ? step.pauseMs ?? 0 : 0, signal);
    yield event({ type: "response.completed", response: { id, usage: usage(step.usage ?? USAGE) } });
  }
}

function refusal({ status, body, headers }: Refusal): Response {
  return Response.json(
    body ?? { error: { message: `the scripted model says ${status}`, type: "scripted" } },
    {
      status,
      ...(headers === undefined ? {} : { headers }),
    },
  );
}

function event(data: { type: string; [field: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}`;
}

function usage(counts: TokenCounts) {
  return {
    input_tokens: counts.input,
    input_tokens_details: { cached_tokens: counts.cached },
    output_tokens: counts.output,
    output_tokens_details: { reasoning_tokens: counts.reasoning },
    total_tokens: counts.input + counts.output,
  };
}

function outputItem(item: Item, id: string, tools: ReadonlySet<string>): Record<string, unknown> {
  switch (item.kind) {
    case "text":
      return {
        type: "message",
        id: `msg_${id}`,
        role: "assistant",
        content: [{ type: "output_text", text: item.text }],
      };
    case "reasoning":
      return { type: "reasoning", id: `rs_${id}`, summary: [{ type: "summary_text", text: item.text }] };
    case "shell":
      return shellCall(item.command, id, tools);
    case "patch":
      return tools.has("apply_patch")
        ? {
          type: "custom_tool_call",
          id: `ctc_${id}`,
          call_id: `call_${id}`,
          name: "apply_patch",
          input: item.patch,
        }
        // Models without the tool send it through the shell, where Codex recognises it.
        : shellCall(`apply_patch <<'END_OF_PATCH'\n${item.patch.trimEnd()}\nEND_OF_PATCH`, id, tools);
    case "mcp":
      // Codex writes names of servers without hyphens.
      return {
        ...functionCall(item.tool, item.arguments, id),
        namespace: `mcp__${item.server.replaceAll(/\W/g, "_")}`,
      };
    case "plan": {
      const steps = item.items.map(({ text, done }) => ({
        step: text,
        status: done ? "completed" : "pending",
      }));
      return functionCall("update_plan", { plan: steps }, id);
    }
    case "tool":
      return functionCall(item.tool, item.arguments, id);
    case "search":
      return {
        type: "tool_search_call",
        call_id: `call_${id}`,
        status: "completed",
        execution: "client",
        arguments: { query: item.query, limit: item.limit },
      };
  }
}

/** By the name that this version and model give their shell tool. */
function shellCall(command: string, id: string, tools: ReadonlySet<string>): Record<string, unknown> {
  if (tools.has("shell_command")) return functionCall("shell_command", { command }, id);
  if (tools.has("shell")) return functionCall("shell", { command: ["bash", "-lc", command] }, id);
  // Codex answers a command that is still running after the yield time as unfinished; tests want its end.
  return functionCall("exec_command", { cmd: command, yield_time_ms: 30_000 }, id);
}

function functionCall(name: string, args: Record<string, unknown>, id: string): Record<string, unknown> {
  return {
    type: "function_call",
    id: `fc_${id}`,
    call_id: `call_${id}`,
    name,
    arguments: JSON.stringify(args),
  };
}

function toolNames(tools: readonly unknown[]): Set<string> {
  return new Set(tools.flatMap((tool) => {
    const named = NamedTool.safeParse(tool);
    return named.success ? [named.data.name] : [];
  }));
}
