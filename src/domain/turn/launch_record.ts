/**
 * Room `domain`: what a turn was begun with. It is written beside the turn's output before its agent is started, so that
 * a later daemon reads the output as the one that began it would have, whatever the configuration says by then.
 *
 * @module
 */
import * as z from "zod";

/** Read openly: a later version may write more, and signals and policies that this one does not know. */
export const LaunchRecord = z.object({
  /** Which driver: the name of one that comes with the program, or `custom`. */
  driver: z.string(),
  /** Of the protocol that the driver speaks; a driver that reads otherwise what its agent prints has a higher one. */
  revision: z.number().int(),
  policy: z.string(),
  /** As the agent was asked for it; absent where the choice was the agent's. */
  model: z.string().optional(),
  /** What the agent itself takes as a request to stop. */
  signal: z.string(),
  /** What else the driver needs to be made again: the entry of the configuration, of an agent of the user's own. */
  options: z.unknown().optional(),
});
export type LaunchRecord = z.infer<typeof LaunchRecord>;
