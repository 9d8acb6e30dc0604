/**
 * Room `mcp`: arguments of a tool call, read forgivingly.
 *
 * @module
 */
import * as z from "zod";
import { checkedArguments } from "../domain/checked_arguments.ts";
import { JobId } from "../domain/ids.ts";

/** A job id as models copy it: case and surrounding blanks do not matter. */
export const JobIdArgument = z.string().trim().toLowerCase().pipe(JobId);

/** @throws {AgentAsyncError} `invalid_argument` with every fault. */
export function parseArguments<Schema extends z.ZodObject>(
  schema: Schema,
  raw: Record<string, unknown>,
): z.infer<Schema> {
  // Models write `null` for a parameter that they leave out.
  const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null));
  return checkedArguments(schema, given);
}

/** Arguments that the tool does not have: not refused, since some hosts add their own, but told. */
export function unknownArguments(schema: z.ZodObject, raw: Record<string, unknown>): string[] {
  return Object.keys(raw).filter((name) => !Object.hasOwn(schema.shape, name));
}
