/**
 * Room `domain`: checks a caller's arguments. The tools, the wire and the command line all use this, so that they
 * refuse an argument in the same words.
 *
 * @module
 */
import type * as z from "zod";
import { AgentAsyncError } from "../errors.ts";

/** @throws {AgentAsyncError} `invalid_argument` with every fault, as `path: problem`. */
export function checkedArguments<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given, { error: plainFault });
  if (parsed.success) {
    refuseBrokenText(parsed.data);
    return parsed.data;
  }
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${pathText(path)}: ${message}`
  );
  throw new AgentAsyncError("invalid_argument", faults.join("; "));
}

/** Levels of arrays and objects in an argument: more than any schema has, and fewer than the wire carries. */
export const MAX_LEVELS = 200;

/** The member with what a front-end adds: bytes of its environment that are no text are carried as lone surrogates. */
const NOT_THE_CALLERS = "origin";

/**
 * Refuses text with half of a surrogate pair. Written as UTF-8 it would become another character, so that an agent would
 * read something else than what was said. Refuses what is nested too deep to be passed on, too.
 */
function refuseBrokenText(request: unknown): void {
  const left: { path: readonly PropertyKey[]; value: unknown }[] = [{ path: [], value: request }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, value } = next;
    if (typeof value === "string" && !value.isWellFormed()) throw brokenText(path, value);
    if (typeof value !== "object" || value === null) continue;
    if (path.length > MAX_LEVELS) {
      throw new AgentAsyncError(
        "invalid_argument",
        `${pathText(path.slice(0, 1))}: is nested more than ${MAX_LEVELS} levels deep`,
      );
    }
    for (const [name, member] of Object.entries(value)) {
      if (!name.isWellFormed()) throw brokenText(path, name);
      if (path.length > 0 || name !== NOT_THE_CALLERS) {
        left.push({ path: [...path, Array.isArray(value) ? Number(name) : name], value: member });
      }
    }
  }
}

function brokenText(path: readonly PropertyKey[], text: string): AgentAsyncError {
  const at = [...text].findIndex((character) => !character.isWellFormed());
  const code = [...text][at]?.charCodeAt(0).toString(16).toUpperCase() ?? "";
  const name = path.length === 0 ? "" : `${pathText(path)}: `;
  return new AgentAsyncError(
    "invalid_argument",
    `${name}is not whole Unicode text: its character ${at + 1} is half of one (U+${code})`,
    { hint: "Send it again without that character: a text that was cut there has lost its other half." },
  );
}

/** The path of an argument in JavaScript's notation: `after[0]`. */
function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => typeof step === "number" ? `[${step}]` : `.${String(step)}`);
  return steps.join("").replace(/^\./, "");
}

/** A fault as words to follow the argument's name; `undefined` leaves the wording to zod. */
export function plainFault(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is required";
      return issue.expected === "int"
        ? "must be a whole number"
        : `must be ${withArticle(issue.expected)}, not ${withArticle(kindOf(issue.input))}`;
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
  if (origin === "array") {
    return bound === "at least" && value === 1 ? "must not be empty" : `must have ${bound} ${value} entries`;
  }
  return `must be ${bound} ${value}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function withArticle(kind: string): string {
  if (kind === "null") return kind;
  // Zod calls an object with arbitrary keys a record.
  if (kind === "record") return "an object";
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
