/**
 * Room `config`: reads one key from nested plain data.
 *
 * @module
 */

/** The value at `path`; `undefined` when a key on the way is missing. */
export function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null && Object.hasOwn(value, key)
      ? Reflect.get(value, key)
      : undefined;
  }, data);
}
