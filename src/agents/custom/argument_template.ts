/**
 * Room `agents`: builds the arguments of an agent of the user's own from its template.
 *
 * @module
 */
import type { ArgumentTemplate } from "../../domain/agent/argument_template.ts";

/** The values of placeholders. For `null`, the argument is left out together with the rest of its group. */
export interface TemplateValues {
  readonly prompt_file: string | null;
  readonly cwd: string;
  readonly model: string | null;
  readonly session_id: string | null;
}

/** All placeholders in one pattern: replaced in one pass, a value that looks like a placeholder stays what it is. */
const PLACEHOLDER = /\{(prompt_file|cwd|model|session_id)\}/g;

/** The template with its placeholders filled in; `{prompt}` and `{policy_args}` are still there. */
export function fillTemplate(template: readonly ArgumentTemplate[], values: TemplateValues): string[] {
  const byName = new Map<string, string | null>(Object.entries(values));
  return template.flatMap((entry) => {
    const words = typeof entry === "string" ? [entry] : entry;
    const lacks = words.some((word) =>
      [...word.matchAll(PLACEHOLDER)].some(([, name = ""]) => byName.get(name) === null)
    );
    return lacks
      ? []
      : words.map((word) => word.replaceAll(PLACEHOLDER, (_, name) => byName.get(name) ?? ""));
  });
}

/** Whether the template uses a placeholder. */
export function usesPlaceholder(template: readonly ArgumentTemplate[], name: string): boolean {
  return template.flat().some((word) => word.includes(`{${name}}`));
}
