/**
 * Room `agents`: an ACP agent's request for permission, as a question, and its answer.
 *
 * @module
 */
import * as z from "zod";
import type { Answer, AskedQuestion, QuestionOption } from "../../../domain/question/question.ts";
import { argumentsText, questionDetail, questionTitle } from "../../reading/asked_text.ts";
import {
  type Call,
  contentText,
  type Diff,
  diffsOf,
  isEdit,
  pathsOf,
  ToolCallFields,
} from "../tools/tool_call.ts";
import { commandOf, isCommand } from "../tools/tool_words.ts";

const Option = z.object({ optionId: z.string(), name: z.string().catch(""), kind: z.string().catch("") });

export const PermissionRequest = z.object({
  toolCall: ToolCallFields,
  options: z.array(Option).catch([]),
});
export type PermissionRequest = z.infer<typeof PermissionRequest>;

/** A "once" whose name says that it changes more than this one call: Qwen Code's also leaves its mode. */
const OUTLIVES = /always|switch|session|don.?t ask|remember/i;

const ONCE: Readonly<Record<string, "allow" | "reject">> = { allow_once: "allow", reject_once: "reject" };

/** An option as people answer it, with what the agent calls it. */
export type OnceOption = QuestionOption & { readonly optionId: string };

/** The options that end with this call. They are called the same with every agent: `allow` and `reject`. */
export function onceOptions({ options }: PermissionRequest): OnceOption[] {
  const once: OnceOption[] = [];
  for (const { optionId, name, kind: told } of options) {
    const kind = Object.hasOwn(ONCE, told) ? ONCE[told] : undefined;
    if (kind === undefined || OUTLIVES.test(`${optionId} ${name}`)) continue;
    const id = once.some((option) => option.id === kind) ? optionId : kind;
    once.push({ id, label: questionTitle(name === "" ? optionId : name), kind, optionId });
  }
  return once;
}

/** @param id the agent's own id of the request */
export function permissionQuestion(id: string, request: PermissionRequest, call: Call): AskedQuestion {
  const { title, detail } = describe(call);
  return {
    question_id: id,
    kind: "approval",
    title: questionTitle(title),
    detail: questionDetail(detail),
    options: onceOptions(request).map(({ optionId: _own, ...option }) => option),
  };
}

/** The result of a permission request. `null`: nothing is chosen. */
export function permissionResult(optionId: string | null): unknown {
  return {
    outcome: optionId === null ? { outcome: "cancelled" } : { outcome: "selected", optionId },
  };
}

/** The option that an answer chooses; `null` when it chooses none of the request's. */
export function chosenOption(request: PermissionRequest, { option }: Answer): OnceOption | null {
  return onceOptions(request).find(({ id }) => id === option) ?? null;
}

/** What would be done, by what the agent hands over of it, and only else in its own words. */
function describe(call: Call): { title: string; detail: string } {
  if (isCommand(call)) {
    const command = commandOf(call.input) ?? call.title;
    const cwd = call.input["cwd"];
    const place = typeof cwd === "string" ? `\n(in ${cwd})` : "";
    return { title: `Run: ${command}`, detail: `${command}${place}` };
  }
  const paths = pathsOf(call);
  if (isEdit(call) && paths.length > 0) {
    const verb = call.kind === "delete" ? "Delete" : call.kind === "move" ? "Move" : "Change";
    return { title: `${verb} ${paths.join(", ")}`, detail: editText(call, paths) };
  }
  const what = call.title === "" ? call.name : call.title;
  const tool = call.name !== "" && call.name !== what ? ` (${call.name})` : "";
  return { title: `Use a tool: ${what}${tool}`, detail: otherText(call, paths) };
}

function editText(call: Call, paths: readonly string[]): string {
  const diffs = diffsOf(call);
  if (diffs.length > 0) return diffs.map(diffText).join("\n");
  const diff = call.input["diff"];
  return typeof diff === "string" ? diff.trim() : [...paths, argumentsText(call.input)].join("\n").trim();
}

function otherText(call: Call, paths: readonly string[]): string {
  return [...paths, argumentsText(call.input), contentText(call)].filter((text) => text !== "").join("\n");
}

/** Lines taken away and lines added, between what both texts have in common. */
function diffText({ path, oldText, newText }: Diff): string {
  const before = linesOf(oldText ?? "");
  const after = linesOf(newText);
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start && end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) end++;
  return [
    path,
    `@@ line ${start + 1} @@`,
    ...before.slice(start, before.length - end).map((line) => `-${line}`),
    ...after.slice(start, after.length - end).map((line) => `+${line}`),
  ].join("\n");
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
