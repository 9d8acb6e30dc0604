/**
 * Room `agents`: what the raw input and output of a tool call say. ACP leaves their shape to the agent; these are the
 * shapes that the agents in `agents.ts` were seen to use.
 *
 * @module
 */
import type { ActionState } from "../../../domain/event/event_body.ts";
import { membersAt, textsAt, wholeNumberAt } from "../../reading/json_members.ts";
import { type Call, contentText, type ToolCallFields } from "./tool_call.ts";

/** The command line in a call's input; `null` while there is none. */
export function commandOf(input: Readonly<Record<string, unknown>>): string | null {
  const { commands } = input;
  if (Array.isArray(commands) && commands.length > 0 && input["command"] === undefined) {
    return commands.map(String).join("\n");
  }
  for (const name of ["command", "cmd", "script"]) {
    const value = input[name];
    if (typeof value === "string" && value !== "") return value;
    if (Array.isArray(value) && value.length > 0) return value.map(String).join(" ");
  }
  return null;
}

const SHELL_TOOL = /command|bash|shell|terminal|exec/i;

/** Whether a call runs a command: by its kind, or by its name where the agent calls its kind "other". */
export function isCommand({ kind, name, input }: Pick<Call, "kind" | "name" | "input">): boolean {
  if (kind === "execute") return true;
  return (kind === "other" || kind === "") && SHELL_TOOL.test(name) && commandOf(input) !== null;
}

/** Gemini CLI names the tool in the call's id alone. */
const NAME_IN_ID = /^(.+?)__\1_\d+_\d+$/;

/** Cline has it before the arguments in the call's title. */
const NAME_IN_TITLE = /^([\w-]+): \{/;

/** The agent's own name of the tool; `null` where it tells none. */
export function toolOf({ name, toolCallId, title, _meta: meta }: ToolCallFields): string | null {
  return name ?? textsAt(meta, "toolName")[0] ?? textsAt(meta, "claudeCode.toolName")[0] ??
    textsAt(meta, "goose.toolCall.toolName")[0] ?? NAME_IN_ID.exec(toolCallId)?.[1] ??
    NAME_IN_TITLE.exec(title ?? "")?.[1] ?? null;
}

/** What came of a command: its state, its exit code where the agent tells it, and what it printed. */
export function endOfCommand(
  call: Call,
  state: ActionState,
): { state: ActionState; exit_code?: number; output?: string } {
  const said = outputOf(call);
  const code = exitCodeOf(call, said);
  const output = withoutNotes(said);
  return {
    state: state === "completed" && code !== null && code !== 0 ? "failed" : state,
    ...(code === null ? {} : { exit_code: code }),
    ...(output === "" ? {} : { output }),
  };
}

const OUTPUTS = ["output", "stdout", "content", "text", "error", "message"] as const;

/** What a tool gave back, as text. */
export function outputOf(call: Call): string {
  if (call.printed !== "") return call.printed;
  if (typeof call.output === "string") return call.output;
  for (const name of OUTPUTS) {
    const [value] = membersAt(call.output, name);
    if (typeof value === "string") return value;
  }
  return contentText({ content: call.shown });
}

const EXIT_CODES = ["metadata.exit", "exitCode", "exit_code", "contents.*.exitCode"] as const;

function exitCodeOf(call: Call, said: string): number | null {
  for (const name of EXIT_CODES) {
    const code = wholeNumberAt(call.output, name);
    if (code !== null) return code;
  }
  // pi's terminal says 1 for every failure, and its words the real code.
  const words = /(?:^Exit code|Command exited with code|Command failed with exit code):? (\d+)\.?\s*$/m.exec(
    said,
  )?.[1];
  return words === undefined ? call.exitCode : Number(words);
}

/** Notes of the agents' own in what a command printed, and in place of nothing printed. */
const NOTES =
  /(?:^|\n)(?:<shellId: [^\n]*>|\(no output\)|\n?Command exited with code \d+|Command failed with exit code: \d+\.|Exit code \d+)\s*$/;

function withoutNotes(said: string): string {
  return said.replace(NOTES, "");
}
