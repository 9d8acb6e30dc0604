/**
 * Room `mcp`: how a tool of an earlier server is made of one of today's. Rule of this file: an alias does what its tool
 * does; it has its own name, words and parameters, and no work of its own.
 *
 * @module
 */
import type * as z from "zod";
import { defineTool } from "../definition/define_tool.ts";
import type { Tool, ToolSpec } from "../definition/tool.ts";

/** What every alias says for itself. */
type OwnWords = Pick<ToolSpec<z.ZodObject>, "name" | "title" | "description">;

/** A tool under an old name, with the same parameters. What is not given here is as in `today`. */
export function alias<Input extends z.ZodObject>(
  today: ToolSpec<Input>,
  earlier: OwnWords & Partial<Pick<ToolSpec<Input>, "output" | "run">>,
): Tool {
  return defineTool({ ...today, ...earlier });
}

/** A tool under an old name with parameters of its own, which `asToday` turns into those of `today`. */
export function aliasTaking<Earlier extends z.ZodObject, Input extends z.ZodObject>(
  input: Earlier,
  today: ToolSpec<Input>,
  earlier: OwnWords & { asToday: (args: z.infer<Earlier>) => z.infer<Input> },
): Tool {
  const { asToday, ...words } = earlier;
  return defineTool({
    ...today,
    ...words,
    input,
    run: (args, context) => today.run(asToday(args), context),
  });
}
