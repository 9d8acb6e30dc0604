/**
 * Room `agents`: the record that an agent keeps of a session, for what its output did not tell.
 *
 * @module
 */
import type { Usage } from "../domain/turn/usage.ts";

/** The record that an agent keeps of a session: what it says when the agent's output did not. */
export interface SessionRecord {
  /** Absolute. The record is in one of them; the first that has it counts. */
  readonly directories: readonly string[];
  isNamed(fileName: string): boolean;
  /**
   * What the session has used in all, by the newest count that is not older than `since` (epoch ms); `null` when there
   * is none.
   *
   * @param end of the record, which may begin in the middle of a line
   */
  readUsage(end: string, since: number): Usage | null;
}
