/**
 * Room `domain`: how a job is named in one line. Lists, the monitor, notices, messages and completions all use this, so
 * that a job has the same name everywhere.
 *
 * @module
 */

/** The members of a job that name it. */
export interface NamedJob {
  readonly prompt: string;
  readonly title?: string | undefined;
}

/**
 * The job's title, else its prompt, on one line. The caller must shorten it. The text comes from whoever started the
 * job: for a terminal, control sequences must still be removed.
 */
export function jobLine(job: NamedJob): string {
  return called(job).line;
}

/** As {@link jobLine}, with the word for it, for sentences such as `prompt "Explain the build"`. */
export function called({ prompt, title }: NamedJob): { by: "title" | "prompt"; line: string } {
  const [by, text] = title === undefined ? ["prompt", prompt] as const : ["title", title] as const;
  return { by, line: text.replace(/\s+/g, " ").trim() };
}
