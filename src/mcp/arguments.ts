/**
 * Room `mcp`: arguments of a tool call, read forgivingly and refused in plain words that name the argument.
 *
 * @module
 */
import * as z from "zod";
import { invalidArguments } from "../domain/errors.ts";
import { JobId } from "../domain/ids.ts";

/** A job id as models copy it: case and surrounding blanks do not matter. */
export const JobIdArgument = z.string().trim().toLowerCase().pipe(JobId);

/**
 * @throws {AgentAsyncError} `invalid_argument` with every fault.
 */
export function parseArguments<Schema extends z.ZodObject>(
  schema: Schema,
  raw: Record<string, unknown>,
): z.infer<Schema> {
  // Models write `null` for a parameter that they leave out.
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null));
  const parsed = schema.safeParse(given, { error: plainFault });
  if (!parsed.success) throw invalidArguments(parsed.error);
  return parsed.data;
}

/** Arguments that the tool does not have: not refused, since some hosts add their own, but told. */
export function unknownArguments(schema: z.ZodObject, raw: Record<string, unknown>): string[] {
  return Object.keys(raw).filter((name) => !Object.hasOwn(schema.shape, name));
}

/** A fault as the rest of a sentence that begins with the argument's name. */
function plainFault(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is required";
      return issue.expected === "int" && typeof issue.input === "number"
        ? "must be a whole number"
        : `must be ${article(issue.expected)}, not ${article(kindOf(issue.input))}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_big":
      return limit(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    case "too_small":
      return limit(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    default:
      return undefined;
  }
}

function limit(origin: string, bound: string, value: number | bigint | Date): string {
  if (origin === "string") return `must have ${bound} ${value} characters`;
  if (origin === "array") return `must have ${bound} ${value} entries`;
  return `must be ${bound} ${value}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function article(kind: string): string {
  if (kind === "null") return kind;
  if (kind === "int") return "a whole number";
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
