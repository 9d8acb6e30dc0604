/**
 * Room `domain`: how a job is called in a line. Lists, the monitor, notices, messages and completions all ask here, so
 * that they call it the same.
 *
 * @module
 */

/** What is known of a job wherever it stands in a line. */
export interface NamedJob {
  readonly prompt: string;
  readonly title?: string | undefined;
}

/**
 * On one line, in whatever length it has: who shows it cuts it. It is the words of whoever started the job, and may act
 * on a terminal as it is.
 */
export function jobLine(job: NamedJob): string {
  return called(job).line;
}

/** The same with the word for what it is, for sentences: `prompt "Explain the build"`. */
export function called({ prompt, title }: NamedJob): { by: "title" | "prompt"; line: string } {
  const [by, text] = title === undefined ? ["prompt", prompt] as const : ["title", title] as const;
  return { by, line: text.replace(/\s+/g, " ").trim() };
}
