/**
 * Room `mcp`: from a specification to a tool, and from a tool to the definition that hosts read.
 *
 * @module
 */
import * as z from "zod";
import { argumentReader } from "./arguments.ts";
import { isRecord } from "../../desk/json_rpc.ts";
import {
  LETS_AN_AGENT_WORK,
  type Tool,
  type ToolAnnotations,
  type ToolAnswer,
  type ToolSpec,
} from "./tool.ts";

/** A specification that others may vary: an old name, fewer parameters. */
export function toolSpec<Input extends z.ZodObject>(spec: ToolSpec<Input>): ToolSpec<Input> {
  return spec;
}

export function defineTool<Input extends z.ZodObject>(spec: ToolSpec<Input>): Tool {
  const read = argumentReader(spec.input, {
    name: spec.name,
    letsAnAgentWork: spec.annotations === LETS_AN_AGENT_WORK,
    answersWithAnyJob: spec.answersWithAnyJob === true,
  });
  return {
    ...spec,
    call: async (raw, context) => {
      const { args, adjusted, ignored } = read(raw);
      const answer = await spec.run(args, context);
      const sentences = [...adjusted, ...answer.adjusted ?? []];
      return withRemarks(answer, [
        ...(sentences.length === 0 ? [] : [adjustedRemark(sentences)]),
        ...(ignored.length === 0 ? [] : [ignoredRemark(ignored, spec)]),
      ]);
    },
  };
}

/** What a caller is told about its arguments: a field of the structured form, all that most models see, and a line. */
interface Remark {
  readonly field: Record<string, unknown>;
  readonly line: string;
}

function withRemarks(answer: ToolAnswer, remarks: readonly Remark[]): ToolAnswer {
  return {
    structured: Object.assign({ ...answer.structured }, ...remarks.map(({ field }) => field)),
    text: [answer.text, ...remarks.map(({ line }) => line)].join("\n"),
  };
}

function adjustedRemark(sentences: readonly string[]): Remark {
  return {
    field: { adjusted_arguments: [...sentences] },
    line: `Adjusted arguments: ${sentences.join("; ")}.`,
  };
}

const REMARKED = 10;

function ignoredRemark(ignored: readonly string[], { name, input }: ToolSpec<z.ZodObject>): Remark {
  const names = ignored.slice(0, REMARKED).map((one) => one.slice(0, 50));
  const known = Object.keys(input.shape).join(", ") || "none";
  return {
    field: { ignored_arguments: names },
    line: `Ignored arguments that ${name} lacks: ${
      names.map((one) => JSON.stringify(one)).join(", ")
    }; it has: ${known}.`,
  };
}

/** A tool in `tools/list`. */
export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: Record<string, unknown>;
  readonly outputSchema: Record<string, unknown>;
  readonly annotations: ToolAnnotations;
  /** As 2025-11-25 has it: whether a call may be made a task. */
  readonly execution?: { readonly taskSupport: "optional" };
  readonly _meta?: Record<string, unknown>;
}

export function definitionOf(tool: Tool): ToolDefinition {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchema(tool.input),
    outputSchema: jsonSchema(tool.output),
    annotations: tool.annotations,
    ...(tool.startsJob === true ? { execution: { taskSupport: "optional" } } : {}),
    // Claude Code reads this key.
    ...(tool.isAlwaysLoaded === true ? { _meta: { "anthropic/alwaysLoad": true } } : {}),
  };
}

function jsonSchema(schema: z.ZodObject): Record<string, unknown> {
  const full = terse(z.toJSONSchema(schema, { io: "input" }));
  return isRecord(full) ? full : {};
}

/** The schema without members that say nothing: every character is read by a model in every session. */
function terse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(terse);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([key, entry]) => !isNoise(key, entry));
  return Object.fromEntries(
    entries.map(([key, entry]) => isTypeList(key, entry) ? alternatives(entry) : [key, terse(entry)]),
  );
}

/** Hosts that translate schemas for their model's provider may know only one type for each value. */
function alternatives(types: readonly unknown[]): [string, unknown] {
  return ["anyOf", types.map((type) => ({ type }))];
}

function isTypeList(key: string, value: unknown): value is unknown[] {
  return key === "type" && Array.isArray(value);
}

/** Limits that nobody meets in good faith; a call is checked against them all the same. */
const FAR_LIMITS = ["minLength", "maxLength", "minItems", "maxItems", "pattern", "exclusiveMinimum"];

function isNoise(key: string, value: unknown): boolean {
  if (key === "$schema" || (FAR_LIMITS.includes(key) && !isRecord(value))) return true;
  // `additionalProperties: {}` means what its absence means; every whole number is limited to safe integers.
  if (key === "additionalProperties") return isRecord(value) && Object.keys(value).length === 0;
  return (key === "maximum" && value === Number.MAX_SAFE_INTEGER) ||
    (key === "minimum" && value === Number.MIN_SAFE_INTEGER);
}
