/**
 * Room `mcp`: arguments of a tool call, read forgivingly and then checked. What the schema wants is read out of what
 * hosts really send; what cannot be meant is refused by the name of the argument.
 *
 * @module
 */
import * as z from "zod";
import { checkedArguments } from "../../../domain/reading/checked_arguments.ts";
import { AgentAsyncError } from "../../../domain/errors.ts";
import { JobId } from "../../../domain/job/ids.ts";
import { type NameRules, withKnownNames } from "./given_names.ts";
import { readGenerously } from "./generous_value.ts";
import { withJobIds } from "./job_id_arguments.ts";
import { isRecord } from "../../desk/json_rpc.ts";

/** A job id as models copy it: case and surrounding blanks do not matter. */
export const JobIdArgument = z.string().trim().toLowerCase().pipe(JobId);

export interface ReadArguments<Input> {
  readonly args: Input;
  /** A sentence for each number that was taken as the nearest allowed one. */
  readonly adjusted: readonly string[];
  /** Names that the tool does not have: not refused, since some hosts add their own, but told. */
  readonly ignored: readonly string[];
}

/** A schema's own reading of arguments; made once for each tool, since every call needs it. */
export function argumentReader<Schema extends z.ZodObject>(
  schema: Schema,
  rules: Omit<NameRules, "properties">,
): (raw: Record<string, unknown>) => ReadArguments<z.infer<Schema>> {
  let form: ArgumentsForm | undefined;
  return (raw) => {
    form ??= formOf(schema);
    const { properties, required } = form;
    const given = withJobIds(withKnownNames(raw, { ...rules, properties }), properties);
    const adjusted: string[] = [];
    const read = Object.entries(given).flatMap(([name, value]) => {
      const wanted = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (wanted === undefined) return [];
      // An empty id names no job, wherever it is wanted.
      const mayBeEmpty = name !== "job_id" && required.includes(name);
      if (isLeftOut(value, !mayBeEmpty)) return [];
      const reading = readGenerously(name, value, wanted);
      if (name === "job_id" || name === "job_ids") refuseStrangeIds(reading.value);
      if (reading.adjusted !== undefined) adjusted.push(reading.adjusted);
      return [[name, reading.value] as const];
    });
    return {
      args: checkedArguments(schema, Object.fromEntries(read)),
      adjusted,
      ignored: Object.keys(given).filter((name) => !Object.hasOwn(properties, name)),
    };
  };
}

/** Models write `null` for a parameter that they leave out, and hosts that fill in a form write `""`. */
function isLeftOut(value: unknown, isOptional: boolean): boolean {
  return value === null || (isOptional && typeof value === "string" && value.trim() === "");
}

/**
 * What is no id at all is the id of no job: the caller is told where the ids are, not how they look.
 *
 * @throws {AgentAsyncError} `not_found`
 */
function refuseStrangeIds(value: unknown): void {
  const strange = (Array.isArray(value) ? value : [value]).find((id) =>
    typeof id === "string" && !JobIdArgument.safeParse(id).success
  );
  if (strange === undefined) return;
  throw new AgentAsyncError("not_found", `There is no job ${JSON.stringify(String(strange).slice(0, 100))}`);
}

interface ArgumentsForm {
  readonly properties: Readonly<Record<string, Record<string, unknown>>>;
  readonly required: readonly unknown[];
}

/** What the schema wants, as JSON Schema: the one form in which types, ranges and defaults can be looked at. */
function formOf(schema: z.ZodObject): ArgumentsForm {
  const { properties, required } = z.toJSONSchema(schema, { io: "input" });
  return {
    properties: Object.fromEntries(
      Object.entries(properties ?? {}).filter((entry): entry is [string, Record<string, unknown>] =>
        isRecord(entry[1])
      ),
    ),
    required: required ?? [],
  };
}
