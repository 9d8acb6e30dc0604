/**
 * The scripted model's Gemini API, as far as the real Gemini CLI needs it: `streamGenerateContent` as server-sent
 * events takes the steps of a scenario; `generateContent`, which the CLI calls for small questions of its own, and
 * `countTokens` take none.
 *
 * @module
 */
import { eventStream, type ModelApi, type ModelRequest, pause, settled, StreamCut } from "./model_api.ts";
import { type Answer, type Item, type Refusal, type TokenCounts, USAGE } from "./scenario.ts";

/** The names of statuses in Google's errors. */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

const METHOD = /\/v1(?:beta)?\/models\/[^/:]+:(\w+)$/;

/** One object that answers all of the CLI's own questions: which model, how hard, who speaks next. */
const OWN_ANSWER = JSON.stringify({
  reasoning: "scripted",
  model_choice: "flash",
  complexity_reasoning: "scripted",
  complexity_score: 1,
  next_speaker: "user",
});

/** A 429 with the time to wait in its details, such as `34s`. */
export function geminiRateLimit(retryDelay: string, message = "Resource has been exhausted"): Refusal {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }];
  return { status: 429, body: { error: { code: 429, message, status: "RESOURCE_EXHAUSTED", details } } };
}

export class GeminiApi implements ModelApi {
  takes(method: string, path: string): boolean {
    return method === "POST" && METHOD.exec(path)?.[1] === "streamGenerateContent";
  }

  /** Without what the CLI says of the machine. */
  userTexts(body: unknown): string[] {
    return contentsOf(body)
      .filter((content) => content.role === "user")
      .flatMap((content) => content.parts.flatMap((part) => typeof part.text === "string" ? [part.text] : []))
      .filter((text) => !text.trimStart().startsWith("<session_context>"));
  }

  toolResults(body: unknown): string[] {
    return functionResponses(body).map(({ response }) => JSON.stringify(response));
  }

  async respond(step: Answer | Refusal, _request: ModelRequest, signal: AbortSignal): Promise<Response> {
    await pause(step.delayMs ?? 0, signal);
    if ("status" in step) return refusal(step);
    if (step.after !== undefined) await settled(step.after, signal);
    return eventStream(stream(step, signal));
  }

  other(method: string, path: string): Response | null {
    if (method !== "POST") return null;
    switch (METHOD.exec(path)?.[1]) {
      case "generateContent":
        return Response.json({
          ...chunk([{ text: OWN_ANSWER }], true),
          usageMetadata: usageMetadata({ input: 0, cached: 0, output: 0, reasoning: 0 }),
        });
      case "countTokens":
        return Response.json({ totalTokens: USAGE.input });
      default:
        return null;
    }
  }
}

/** The results of tools in a request, oldest first. */
export function geminiToolResults(request: ModelRequest): { name: string; response: unknown }[] {
  return functionResponses(request.body);
}

function functionResponses(body: unknown): { name: string; response: unknown }[] {
  return contentsOf(body).flatMap((content) =>
    content.parts.flatMap((part) => part.functionResponse === undefined ? [] : [part.functionResponse])
  );
}

async function* stream(answer: Answer, signal: AbortSignal): AsyncGenerator<string> {
  const end = answer.end ?? "complete";
  for (const [index, item] of answer.items.entries()) {
    if (index > 0) await pause(answer.pauseMs ?? 0, signal);
    yield event(chunk([partOf(item)], false));
  }
  if (end === "cut" && answer.cutAfter !== undefined) await settled(answer.cutAfter, signal);
  if (end === "cut") throw new StreamCut("the scenario cuts the stream here");
  if (end === "hang") return await settled(new Promise(() => {}), signal);
  yield event({ ...chunk([], true), usageMetadata: usageMetadata(answer.usage ?? USAGE) });
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}`;
}

function chunk(parts: readonly object[], isLast: boolean): object {
  return {
    candidates: [{
      index: 0,
      content: { role: "model", parts },
      ...(isLast ? { finishReason: "STOP" } : {}),
    }],
  };
}

/** Google counts thoughts beside the output, we count them in it. */
function usageMetadata({ input, cached, output, reasoning }: TokenCounts): object {
  return {
    promptTokenCount: input,
    cachedContentTokenCount: cached,
    candidatesTokenCount: output - reasoning,
    thoughtsTokenCount: reasoning,
    totalTokenCount: input + output,
  };
}

function partOf(item: Item): object {
  switch (item.kind) {
    case "text":
      return { text: item.text };
    case "reasoning":
      return { text: item.text, thought: true };
    case "shell":
      return call("run_shell_command", { command: item.command, description: "scripted" });
    case "mcp":
      return call(`mcp_${item.server}_${item.tool}`, item.arguments);
    case "plan":
      return call("write_todos", {
        todos: item.items.map(({ text, done }) => ({
          description: text,
          status: done ? "completed" : "pending",
        })),
      });
    case "tool":
      return call(item.tool, item.arguments);
    case "search":
      throw new Error("Gemini CLI has no search for tools: it shows them all");
    case "patch": {
      const file = addedFile(item.patch);
      if (file === null) {
        throw new Error("Gemini CLI has no patches: script its `replace` or `write_file` instead");
      }
      return call("write_file", file);
    }
  }
}

/** Of a patch that adds one file, which is what `write_file` can do as well. */
function addedFile(patch: string): { file_path: string; content: string } | null {
  const [, file_path = "", lines = ""] =
    /^\*\*\* Begin Patch\n\*\*\* Add File: (.+)\n((?:\+.*\n)*)\*\*\* End Patch\n?$/.exec(patch) ?? [];
  return file_path === "" ? null : { file_path, content: lines.replaceAll(/^\+/gm, "") };
}

function call(name: string, args: object): object {
  return { functionCall: { name, args } };
}

function refusal({ status, body, headers }: Refusal): Response {
  const error = { code: status, message: `scripted ${status}`, status: STATUS_NAMES[status] ?? "UNKNOWN" };
  return Response.json(body ?? { error }, { status, ...(headers === undefined ? {} : { headers }) });
}

interface Content {
  role: string;
  parts: { text?: unknown; functionResponse?: { name: string; response: unknown } }[];
}

function contentsOf(body: unknown): Content[] {
  if (typeof body !== "object" || body === null || !("contents" in body)) return [];
  return Array.isArray(body.contents) ? body.contents : [];
}
