/**
 * Room `system`: the outside world as small interfaces, and the real ones. Rule of the room: it imports nothing of
 * the other rooms.
 *
 * @module
 */

/** Both clocks: the wall's may jump, the steady one never does. */
export interface Clock {
  /** Epoch ms. For records and people, never for measuring. */
  now(): number;
  /** Ms since some fixed point. For limits and waits. */
  steady(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
};
