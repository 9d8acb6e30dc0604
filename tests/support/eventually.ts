/**
 * Waiting for a condition, with a deadline: what tests do instead of sleeping.
 *
 * @module
 */

/**
 * Ms that a test waits for what must come: nothing takes a tenth of it on an idle machine, so that one which is ten
 * times slower passes too. Only a test that fails ever waits so long.
 */
export const PATIENCE_MS = 180_000;

/** Ms between two looks. */
const LOOK_EVERY_MS = 10;

export interface EventuallyOptions {
  timeoutMs?: number;
  /** Ends the sentence "Timed out waiting for ...". */
  what: string;
}

/**
 * The first value of `check` that is neither `undefined`, `null` nor `false`.
 *
 * @throws {Error} when there is none within `timeoutMs` ({@link PATIENCE_MS}); a `check` that throws is asked again, and its last
 * error becomes the cause.
 */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  { timeoutMs = PATIENCE_MS, what }: EventuallyOptions,
): Promise<NonNullable<Exclude<Value, false>>> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) {
        return value as NonNullable<Exclude<Value, false>>;
      }
    } catch (error) {
      cause = error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  } while (performance.now() < deadline);
  throw new Error(`Timed out waiting for ${what}`, { cause });
}
