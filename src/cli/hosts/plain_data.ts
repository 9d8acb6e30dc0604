/**
 * Room `cli`: the contents of a configuration file as plain data, whatever its format. No function here changes its
 * arguments.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";

export type Plain = Readonly<Record<string, unknown>>;
export type Path = readonly string[];

/** Whether a value is a table or object of a parsed file. Dates and other objects that parsers make are not. */
export function isPlain(value: unknown): value is Plain {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The value at `path` in `data`; `undefined` when a key on the way is missing. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const key of path) {
    if (!isPlain(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** `data` with `value` at `path`; `undefined` takes the key away. Missing objects on the way are made. */
export function withValueAt(data: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const before: Plain = isPlain(data) ? data : {};
  const { [key]: old, ...others } = before;
  const inner = rest.length === 0 ? value : withValueAt(old, rest, value);
  if (inner === undefined) return others;
  return { ...before, [key]: inner };
}

/** Whether two parsed files say the same. The order of keys does not matter. */
export function saysTheSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(normal(a), normal(b));
}

/** The same data whichever parser made it: some give objects without a prototype. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normal(inner)]));
}

/** `before` with the keys of `values`. Where both have an object under a key, the keys of the two are united. */
export function mergedWith(before: Plain | undefined, values: Plain): Plain {
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(values)) {
    const old = merged[key];
    merged[key] = isPlain(old) && isPlain(value) ? { ...old, ...value } : value;
  }
  return merged;
}

/** `data` without the empty objects on the way to `path`: TOML has no way to keep them. */
export function withoutEmpty(data: unknown, path: Path): unknown {
  let result = data;
  for (let depth = path.length - 1; depth > 0; depth--) {
    const around = path.slice(0, depth);
    if (isEmpty(valueAt(result, around))) result = withValueAt(result, around, undefined);
  }
  return result;
}

export function isEmpty(value: unknown): boolean {
  return isPlain(value) && Object.keys(value).length === 0;
}
