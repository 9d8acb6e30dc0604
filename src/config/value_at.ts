/**
 * Room `config`: what stands in plain data where a key of the configuration says.
 *
 * @module
 */

/** `undefined` when there is no such place. */
export function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null && Object.hasOwn(value, key)
      ? Reflect.get(value, key)
      : undefined;
  }, data);
}
