/**
 * The suite asks for tools, prompts and resources of a server that was made for it. Where one of ours does the same kind
 * of thing, it stands in: so what the suite says of them is said of the program.
 *
 * @module
 */
import { isRecord } from "../../src/mcp/desk/json_rpc.ts";
import type { Message } from "./stdio_line.ts";

type Params = Readonly<Record<string, unknown>>;

const TOOLS: Readonly<Record<string, (args: Params, cwd: string) => [name: string, args: Params]>> = {
  test_simple_text: () => ["queue_status", {}],
  test_error_handling: () => ["job_poll", { job_id: "zzzzzzzz" }],
  // The suite waits for these half a second.
  test_streaming_elicitation: () => ["job_list", {}],
  test_logging_tool: () => ["job_list", {}],
  greet: () => ["queue_status", {}],
  // The scripted agent does what its prompt says.
  slow_compute: ({ seconds = 0, label = "" }, cwd) => [
    "codex_start",
    { prompt: `sleep ${seconds}\nsay ${label}`, cwd },
  ],
  failing_job: (_args, cwd) => ["codex_start", { prompt: "fail broken", cwd }],
};

const PROMPTS: Readonly<Record<string, (args: Params) => [name: string, args: Params]>> = {
  test_simple_prompt: () => ["jobs", {}],
  test_prompt_with_arguments: ({ arg1, arg2 }) => ["delegate", { agent: arg1, task: `${arg1} ${arg2}` }],
};

const RESOURCES: Readonly<Record<string, string>> = {
  "test://static-text": "job://",
  "test://watched-resource": "job://",
};

/** The suite's message as the program knows it. @param cwd for jobs. */
export function asOurs(message: Message, cwd: string): Message {
  const { method, params } = message;
  if (!isRecord(params)) return message;
  const { name, uri } = params;
  const args = isRecord(params.arguments) ? params.arguments : {};
  const table = method === "tools/call" ? TOOLS : method === "prompts/get" ? PROMPTS : {};
  const stand = typeof name === "string" && Object.hasOwn(table, name) ? table[name]?.(args, cwd) : undefined;
  if (stand !== undefined) {
    return { ...message, params: { ...params, name: stand[0], arguments: stand[1] } };
  }
  const known = typeof uri === "string" ? RESOURCES[uri] : undefined;
  return known === undefined ? message : { ...message, params: { ...params, uri: known } };
}
