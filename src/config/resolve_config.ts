/**
 * Room `config`: merges four layers into one configuration, each overriding the one before: defaults, file,
 * environment, flags. The origin of every value is recorded.
 *
 * @module
 */
import { withPreset } from "../domain/agent/presets/agent_presets.ts";
import { plainFault } from "../domain/reading/checked_arguments.ts";
import { AgentAsyncError } from "../domain/errors.ts";
import { givenVariable } from "../system/given_variable.ts";
import { closestName } from "./closest_name.ts";
import { allowedKeys, leafKeys, valueOfText } from "./leaf_keys.ts";
import { Config } from "./schema.ts";
import { valueAt } from "./value_at.ts";

export type ConfigLayer = "default" | "file" | "environment" | "flag";

/** The origin of a value. `name` is the file's path, the variable or the flag; "" for a default. */
export interface ConfigOrigin {
  readonly layer: ConfigLayer;
  readonly name: string;
}

export interface ResolvedConfig {
  readonly config: Config;
  /** Origins by key with dots (`limits.total`). A key that is missing here has its default value. */
  readonly origins: ReadonlyMap<string, ConfigOrigin>;
}

export interface ConfigLayers {
  /** The parsed file, unchecked; `null` when there is none. */
  readonly file: { readonly path: string; readonly value: unknown } | null;
  readonly env: Readonly<Record<string, string>>;
  /** Flags by key with dots; `flag` is the flag as the user wrote it, `text` its value. */
  readonly flags?: Readonly<Record<string, { readonly flag: string; readonly text: string }>>;
}

type Tree = Record<string, unknown>;

/**
 * Merges and checks all layers.
 *
 * @throws AgentAsyncError `config_invalid`, which lists every fault with its place, its value and what is allowed
 */
export function resolveConfig(layers: ConfigLayers): ResolvedConfig {
  const { file, env, flags = {} } = layers;
  const origins = new Map<string, ConfigOrigin>();
  const tree = file === null ? {} : copyOfTree(file.value, file.path);
  const leaves = new Map(
    leafKeys(isTree(tree["agents"]) ? Object.keys(tree["agents"]) : [])
      .map((leaf) => [leaf.path.join("."), leaf]),
  );
  if (file !== null) {
    for (const path of pathsIn(tree, [], leaves)) origins.set(path, { layer: "file", name: file.path });
  }
  for (const [path, leaf] of leaves) {
    const flag = flags[path];
    const text = flag?.text ?? givenVariable(env, leaf.variable);
    if (text === undefined) continue;
    setAt(tree, leaf.path, valueOfText(leaf.schema, text));
    origins.set(path, {
      layer: flag === undefined ? "environment" : "flag",
      name: flag === undefined ? leaf.variable : flag.flag,
    });
  }
  describeKnownAgents(tree);
  const parsed = Config.safeParse(tree, { error: plainFault });
  if (parsed.success) return { config: parsed.data, origins };
  const faults = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey([...path, key], origins));
    }
    // A key is told without its value: the fault is in its own name.
    if (issue.code === "invalid_key") {
      return [`${placeOf(path, origins)}: ${issue.issues.map(({ message }) => message).join("; ")}`];
    }
    return [badValue(path, issue.message, tree, origins)];
  });
  throw new AgentAsyncError("config_invalid", faults.join("; "), {
    hint: "Correct or remove what is named; every key is optional.",
  });
}

/** Fills in the settings of agents that the program has a preset for, so that users need only name them. */
function describeKnownAgents(tree: Tree): void {
  const { agents } = tree;
  if (!isTree(agents)) return;
  for (const [name, entry] of Object.entries(agents)) {
    if (isTree(entry)) agents[name] = withPreset(name, entry);
  }
}

function unknownKey(path: readonly string[], origins: ReadonlyMap<string, ConfigOrigin>): string {
  const allowed = allowedKeys(path.slice(0, -1)) ?? [];
  const closest = closestName(path.at(-1) ?? "", allowed);
  const meant = closest === null ? "" : ` (did you mean ${closest}?)`;
  return `${placeOf(path, origins)}: no such key${meant}; allowed here: ${allowed.join(", ")}`;
}

function badValue(
  path: readonly string[],
  message: string,
  tree: Tree,
  origins: ReadonlyMap<string, ConfigOrigin>,
): string {
  const value = valueAt(tree, path);
  // Environment variables of agents may hold secrets, so their values are never shown.
  const isSecret = path.includes("env");
  const isShown = value !== undefined && !isSecret && !message.includes(", not ");
  const shown = isShown ? `, not ${excerpt(value)}` : "";
  return `${placeOf(path, origins)}: ${value === undefined ? "is missing; it " : ""}${message}${shown}`;
}

/** The key, preceded by the name of its origin, else by that of the closest object around it that has one. */
function placeOf(path: readonly string[], origins: ReadonlyMap<string, ConfigOrigin>): string {
  const dotted = path.join(".");
  for (let length = path.length; length > 0; length--) {
    const around = path.slice(0, length).join(".");
    const origin = origins.get(around) ?? [...origins].find(([key]) => key.startsWith(`${around}.`))?.[1];
    if (origin !== undefined) return `${origin.name}: ${dotted}`;
  }
  return dotted;
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function copyOfTree(value: unknown, path: string): Tree {
  if (isTree(value)) {
    const { $schema, ...tree } = structuredClone(value);
    // `$schema` tells editors where the schema is; it is not a setting.
    return $schema === undefined || typeof $schema === "string" ? tree : { $schema, ...tree };
  }
  throw new AgentAsyncError("config_invalid", `${path}: must be an object { ... }, not ${excerpt(value)}`);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The dotted keys of all values in the file. Members of a single value, such as the variables in `env`, are not listed.
 */
function pathsIn(tree: Tree, path: readonly string[], leaves: ReadonlyMap<string, unknown>): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const inner = [...path, key];
    const dotted = inner.join(".");
    const isGroup = isTree(value) && Object.keys(value).length > 0 && !leaves.has(dotted);
    return isGroup ? pathsIn(value, inner, leaves) : [dotted];
  });
}

/**
 * Sets a value in the tree. When a value on the way is not an object, nothing is set, and the schema refuses the file
 * later.
 */
function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = tree[key] ?? {};
  if (!isTree(inner)) return;
  tree[key] = inner;
  setAt(inner, rest, value);
}
