/**
 * Room `agents`: one tool call of an agent that speaks ACP, as far as it has been told.
 *
 * @module
 */
import * as z from "zod";
import type { EventBody, FileChange } from "../../../domain/event/event_body.ts";
import { membersAt } from "../../reading/json_members.ts";
import { blockText } from "../messages.ts";

export type Action = Extract<EventBody, { type: "command" | "file_change" | "tool_call" }>;

const Text = z.string().nullish().catch(null);

/** The members of `tool_call`, `tool_call_update` and of the call in a permission request. */
export const ToolCallFields = z.object({
  toolCallId: z.string(),
  kind: Text,
  title: Text,
  name: Text,
  status: Text,
  content: z.array(z.unknown()).nullish().catch(null),
  locations: z.array(z.unknown()).nullish().catch(null),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
  _meta: z.unknown().optional(),
});
export type ToolCallFields = z.infer<typeof ToolCallFields>;

const Diff = z.object({
  type: z.literal("diff"),
  path: z.string(),
  oldText: Text,
  newText: z.string().catch(""),
  _meta: z.object({ kind: Text }).nullish().catch(null),
});
export type Diff = z.infer<typeof Diff>;

/** A call as far as it has been told. */
export interface Call {
  readonly id: string;
  kind: string;
  title: string;
  name: string;
  status: string;
  content: readonly unknown[];
  locations: readonly unknown[];
  input: Readonly<Record<string, unknown>>;
  output: unknown;
  /** What it shows since it runs: before that, its content says what it is about. */
  shown: readonly unknown[];
  /** What it printed so far, from agents that tell that in pieces. */
  printed: string;
  /** The exit code of its terminal, from agents that tell of one. */
  exitCode: number | null;
  /** Its event, once it is told as begun. */
  begun: Action | null;
  isEnded: boolean;
}

const EDITS: ReadonlySet<string> = new Set(["edit", "delete", "move"]);

/** The changed texts that a call shows. */
export function diffsOf({ content }: Pick<Call, "content">): Diff[] {
  return content.flatMap((entry) => Diff.safeParse(entry).data ?? []);
}

/** The words in a call's content. */
export function contentText({ content }: Pick<Call, "content">): string {
  return content.flatMap((entry) => membersAt(entry, "content")).map(blockText).filter((text) => text !== "")
    .join("\n");
}

/** The paths that a call is about. */
export function pathsOf(call: Pick<Call, "content" | "locations" | "input">): string[] {
  const named = [
    ...diffsOf(call).map(({ path }) => path),
    ...call.locations.flatMap((location) => stringsAt(location, "path")),
  ];
  if (named.length > 0) return [...new Set(named)];
  const patched = patchedFiles(call).map(({ path }) => path);
  if (patched.length > 0) return patched;
  const input = ["file_path", "filePath", "path", "abs_path", "fileName"].flatMap((name) =>
    stringsAt(call.input, name)
  );
  return input.slice(0, 1);
}

/** Tools that goose has for files: it calls the kind of each "other". */
const EDIT_TOOL = /^(?:developer__)?(?:write|edit)$/;

export function isEdit(call: Pick<Call, "kind" | "name" | "content" | "input">): boolean {
  const isNamedSo = (call.kind === "other" || call.kind === "") && EDIT_TOOL.test(call.name);
  return EDITS.has(call.kind) || isNamedSo || diffsOf(call).length > 0 || patchedFiles(call).length > 0;
}

const PATCHED = /^\*\*\* (Add|Update|Delete) File: (.+)$/gm;

const PATCH_KINDS: Readonly<Record<string, FileChange["kind"]>> = {
  Add: "add",
  Update: "update",
  Delete: "delete",
};

/** The files of a patch in a call's input, as a tool named `apply_patch` takes it. */
export function patchedFiles({ input }: Pick<Call, "input">): FileChange[] {
  const patch = [input["input"], input["patch"]].find((text) =>
    typeof text === "string" && text.includes("*** Begin Patch")
  );
  if (typeof patch !== "string") return [];
  return [...patch.matchAll(PATCHED)].map(([, verb = "", path = ""]) => ({
    path: path.trim(),
    kind: PATCH_KINDS[verb] ?? "update",
  }));
}

export function newCall(id: string): Call {
  return {
    id,
    kind: "",
    title: "",
    name: "",
    status: "pending",
    content: [],
    locations: [],
    input: {},
    output: undefined,
    shown: [],
    printed: "",
    exitCode: null,
    begun: null,
    isEnded: false,
  };
}

/** The texts at `name`, nothing else. */
export function stringsAt(value: unknown, name: string): string[] {
  return membersAt(value, name).filter((member) => typeof member === "string");
}
