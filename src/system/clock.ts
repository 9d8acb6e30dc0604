/**
 * Room `system`: the clock that is injected wherever time matters, and its real implementation. Rule of the room: it
 * imports nothing from other rooms.
 *
 * @module
 */

/** The wall clock, which may jump, and a monotonic one, which never does. */
export interface Clock {
  /** Wall-clock time in epoch ms. For records and people, never for measuring. */
  now(): number;
  /** Monotonic time in ms from an arbitrary start. For timeouts and durations. */
  steady(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  steady: () => performance.now(),
};
