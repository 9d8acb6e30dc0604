/**
 * Room `domain`: the record of how a turn was launched. It is written before the agent is started. A later daemon uses
 * it to read the output as the launching daemon would have, even if the configuration has changed.
 *
 * @module
 */
import * as z from "zod";

/** Signals and policies are plain strings: a later version may write some that this one does not know. */
export const LaunchRecord = z.object({
  /** The driver: the name of a built-in one, or `custom`. */
  driver: z.string(),
  /** Revision of the driver's parser: higher when it reads its agent's output in another way. */
  revision: z.number().int(),
  policy: z.string(),
  /** The model asked for; absent where the choice was the agent's. */
  model: z.string().optional(),
  /** Name of the signal that asks the agent to stop in order. */
  signal: z.string(),
  /** What else is needed to make the driver again: for `custom`, the agent's configuration entry. */
  options: z.unknown().optional(),
  /** Of a two-way turn: what its talk was made from. `revision` is then that of the driver's talk. */
  talk: z.unknown().optional(),
});
export type LaunchRecord = z.infer<typeof LaunchRecord>;
