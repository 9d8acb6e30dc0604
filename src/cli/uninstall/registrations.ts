/**
 * Room `cli`: registrations of this program with hosts, to be taken back.
 *
 * @module
 */
import type { Context } from "../context.ts";

export function removeRegistrations(_context: Context): Promise<string | null> {
  return Promise.resolve(null);
}
