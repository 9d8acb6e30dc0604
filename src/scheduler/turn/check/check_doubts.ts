/**
 * Room `scheduler`: what a check gives reason to doubt, in sentences.
 *
 * @module
 */

/** Said of a check, or of the form of an answer, that a further turn could have mended. */
export const NO_MONEY_TO_MEND =
  "The agent was not asked to mend that, since a budget is used up: a reply with a larger one asks it to.";

/** @param attempt 1 for the first run */
export function passedByItself(attempt: number): string {
  return `The check failed, and passed in its run ${attempt} although no snapshot shows a change in between: it may pass ` +
    "or fail by chance.";
}

/** Files that are named when a check has changed some. */
const FILES_NAMED = 5;

/** @param paths of the files that a check itself has changed */
export function checkChanged(paths: readonly string[]): string {
  const more = paths.length - FILES_NAMED;
  const named = paths.slice(0, FILES_NAMED).join(", ");
  return `The check itself changed files, which are not counted as the job's: ${named}${
    more > 0 ? ` and ${more} more` : ""
  }.`;
}
