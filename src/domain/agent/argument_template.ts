/**
 * Room `domain`: the schema of an argument in the configuration, with placeholders in it.
 *
 * @module
 */
import * as z from "zod";

/**
 * One argument, or a group (`["--model", "{model}"]`). `{prompt_file}`, `{cwd}`, `{model}` and `{session_id}` are
 * filled in anywhere in an argument. When a placeholder has no value (no model asked for, a new session), its argument
 * is left out with its whole group. `{prompt}` and `{policy_args}` must be whole arguments.
 */
export const ArgumentTemplate = z.union([z.string(), z.array(z.string()).min(1)], {
  error: "must be a text or a list of texts",
});
export type ArgumentTemplate = z.infer<typeof ArgumentTemplate>;
