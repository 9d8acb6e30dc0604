/**
 * The scripted model as OpenAI's Chat Completions API, which most agents of other makers speak.
 *
 * @module
 */
import { z } from "zod";
import { eventStream, type ModelApi, type ModelRequest, pause, settled, StreamCut } from "./model_api.ts";
import { type Answer, type Item, type Refusal, type TokenCounts, USAGE } from "./scenario.ts";

const Content = z.union([
  z.string(),
  z.array(z.object({ text: z.string() }).or(z.unknown().transform(() => ({ text: "" }))))
    .transform((parts) => parts.map(({ text }) => text).join("")),
]).catch("");

const Tool = z.object({
  name: z.string(),
  parameters: z.object({ properties: z.record(z.string(), z.unknown()) }).optional().catch(undefined),
});

const Body = z.object({
  stream: z.boolean().catch(false),
  messages: z.array(z.object({ role: z.string(), content: Content.optional() })).catch([]),
  tools: z.array(z.object({ function: Tool })).catch([]),
});

/** Names that agents give the tool that runs a shell command, and the one that writes a file. */
const SHELLS = ["bash", "Bash", "run_commands", "run_shell_command", "shell", "execute_command"];
const WRITERS = ["write", "Write", "write_file", "create"];

export class ChatApi implements ModelApi {
  #count = 0;

  takes(method: string, path: string): boolean {
    return method === "POST" && path.endsWith("/chat/completions");
  }

  userTexts(body: unknown): string[] {
    return textsOf(body, "user");
  }

  toolResults(body: unknown): string[] {
    return textsOf(body, "tool");
  }

  async respond(step: Answer | Refusal, request: ModelRequest, stop: AbortSignal): Promise<Response> {
    await pause(step.delayMs ?? 0, stop);
    if ("status" in step) return refusal(step);
    if (step.after !== undefined) await settled(step.after, stop);
    const { data } = Body.safeParse(request.body);
    const tools = new Map((data?.tools ?? []).map(({ function: tool }) => [
      tool.name,
      Object.keys(tool.parameters?.properties ?? {}),
    ]));
    const id = `chatcmpl-${++this.#count}`;
    const parts = step.items.map((item, index) => delta(item, `${id}-${index}`, index, tools));
    if (data?.stream !== true) return Response.json(whole(id, parts, step));
    const gone = new AbortController();
    const signal = AbortSignal.any([stop, gone.signal]);
    return eventStream(this.#events(id, parts, step, signal), () => gone.abort());
  }

  other(method: string, path: string): Response | null {
    return method === "GET" && path.endsWith("/models")
      ? Response.json({ object: "list", data: [{ id: "scripted", object: "model" }] })
      : null;
  }

  async *#events(
    id: string,
    parts: Delta[],
    step: Answer,
    signal: AbortSignal,
  ): AsyncGenerator<string, void> {
    for (const [index, part] of parts.entries()) {
      if (index > 0) await pause(step.pauseMs ?? 0, signal);
      yield chunk(id, {
        choices: [{ index: 0, delta: { role: "assistant", ...part }, finish_reason: null }],
      });
    }
    if (step.end === "cut") {
      if (step.cutAfter !== undefined) await settled(step.cutAfter, signal);
      throw new StreamCut("the scenario cuts the stream here");
    }
    if (step.end === "hang") {
      await settled(new Promise(() => {}), signal);
      return;
    }
    yield chunk(id, { choices: [{ index: 0, delta: {}, finish_reason: reason(parts) }] });
    yield chunk(id, { choices: [], usage: usage(step.usage ?? USAGE) });
    yield "data: [DONE]";
  }
}

type Delta = Record<string, unknown>;

function textsOf(body: unknown, role: string): string[] {
  const { data } = Body.safeParse(body);
  return (data?.messages ?? []).filter((message) => message.role === role).map(({ content }) =>
    content ?? ""
  );
}

function chunk(id: string, rest: object): string {
  return `data: ${
    JSON.stringify({ id, object: "chat.completion.chunk", created: 0, model: "scripted", ...rest })
  }`;
}

function whole(id: string, parts: Delta[], step: Answer): object {
  const calls = parts.flatMap((part) => Array.isArray(part["tool_calls"]) ? part["tool_calls"] : []);
  const content = parts.map((part) => part["content"] ?? "").join("");
  const message = { role: "assistant", content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
  const choices = [{ index: 0, message, finish_reason: reason(parts) }];
  return {
    id,
    object: "chat.completion",
    created: 0,
    model: "scripted",
    choices,
    usage: usage(step.usage ?? USAGE),
  };
}

function reason(parts: Delta[]): string {
  return parts.some((part) => "tool_calls" in part) ? "tool_calls" : "stop";
}

function usage(counts: TokenCounts) {
  return {
    prompt_tokens: counts.input,
    prompt_tokens_details: { cached_tokens: counts.cached },
    completion_tokens: counts.output,
    completion_tokens_details: { reasoning_tokens: counts.reasoning },
    total_tokens: counts.input + counts.output,
  };
}

/** @param tools the names of the arguments that each tool of the request takes; none: whatever is given */
function delta(
  item: Item,
  id: string,
  index: number,
  tools: ReadonlyMap<string, readonly string[]>,
): Delta {
  const call = (name: string, given: object): Delta => ({
    tool_calls: [{
      index,
      id: `call_${id}`,
      type: "function",
      function: { name, arguments: JSON.stringify(known(given, tools.get(name) ?? [])) },
    }],
  });
  switch (item.kind) {
    case "text":
      return { content: item.text };
    case "reasoning":
      return { reasoning_content: item.text };
    case "shell":
      return call(SHELLS.find((name) => tools.has(name)) ?? "bash", {
        command: item.command,
        commands: [item.command],
        description: "scripted",
        is_background: false,
      });
    case "patch":
      if (tools.has("apply_patch")) return call("apply_patch", { input: item.patch });
      return addedFile(item.patch, (path, content) => {
        const name = WRITERS.find((candidate) => tools.has(candidate)) ?? "write";
        return call(name, { filePath: path, file_path: path, path, content, file_text: content });
      });
    case "mcp":
      return call(`${item.server}_${item.tool}`, item.arguments);
    case "plan":
      return call("todowrite", {
        todos: item.items.map(({ text }) => ({ content: text, status: "pending" })),
      });
    case "tool":
      return call(item.tool, item.arguments);
    case "search":
      return call("tool_search", { query: item.query, max_results: item.limit });
  }
}

/** Some agents refuse a call with an argument that they do not know. */
function known(given: object, names: readonly string[]): object {
  const entries = Object.entries(given);
  const fitting = entries.filter(([name]) => names.includes(name));
  return fitting.length === 0 ? given : Object.fromEntries(fitting);
}

/** Most of these agents have no patch tool: a patch that adds a file is told as the file. */
function addedFile(patch: string, write: (path: string, content: string) => Delta): Delta {
  const [, path = "", body = ""] = /\*\*\* Add File: (.*)\n([\s\S]*?)\n\*\*\* End Patch/.exec(patch) ?? [];
  return write(path, `${body.split("\n").map((line) => line.slice(1)).join("\n")}\n`);
}

function refusal({ status, body, headers }: Refusal): Response {
  return Response.json(
    body ?? { error: { message: `the scripted model says ${status}`, type: "scripted", code: status } },
    { status, ...(headers === undefined ? {} : { headers }) },
  );
}
