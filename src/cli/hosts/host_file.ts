/**
 * Room `cli`: configuration files that belong to other programs. Such a file is changed only after a copy was put
 * beside it, and is then replaced as a whole.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { parse as parseToml, TomlError } from "smol-toml";
import { parseConfigFile } from "../../config/config_file.ts";
import { AgentAsyncError, messageOf } from "../../domain/errors.ts";
import { ifExists } from "../../system/files/files.ts";
import { isPlain, type Path, type Plain } from "./plain_data.ts";
import { renameOver } from "../../system/files/rename_over.ts";

export type HostFileFormat = "json" | "toml";

/** Suffix of the backup beside a host's file, which holds its text from before our last change. */
export const BACKUP_SUFFIX = ".agent-async-backup";

/** Permission bits of a file that we create: for its owner alone, since it may come to hold keys. */
const NEW_FILE_MODE = 0o600;

/**
 * The text of a file; `null` when there is no such file.
 *
 * @throws AgentAsyncError `config_invalid` for a file that cannot be read or is not UTF-8, which would not survive
 * being written back.
 */
export function readHostFile(path: string): string | null {
  try {
    const bytes = ifExists(() => Deno.readFileSync(path));
    return bytes === null ? null : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const cause = error instanceof TypeError ? "it is not UTF-8" : messageOf(error);
    throw new AgentAsyncError("config_invalid", `Cannot read ${path}: ${cause}`, { cause: error });
  }
}

/** @throws AgentAsyncError `config_invalid` with file, line and column of the first fault. */
export function parseHostFile(text: string, path: string, format: HostFileFormat): Plain {
  const value = format === "json" ? parseConfigFile(text, path) : parsedToml(text, path);
  if (isPlain(value)) return value;
  throw new AgentAsyncError("config_invalid", `${path}:1:1: an object is expected here, in braces`, {
    hint: LEFT_ALONE,
  });
}

/** The error for a value at `keys` of the file at `path` that is of another kind than our entry needs. */
export function wrongKind(path: string, keys: Path, kind: string): AgentAsyncError {
  return new AgentAsyncError("config_invalid", `${path}: ${keys.join(".")} must be ${kind}`, {
    hint: LEFT_ALONE,
  });
}

/** The error for a value at `keys` whose text cannot be edited without a risk for the text around it. */
export function unknownForm(path: string, keys: Path): AgentAsyncError {
  return new AgentAsyncError(
    "config_invalid",
    `${path}: ${keys.join(".")} is written in a form that cannot be edited safely`,
    { hint: "The file was left as it is: change this entry by hand." },
  );
}

const LEFT_ALONE = "The file was left as it is: mend it, then try again.";

function parsedToml(text: string, path: string): unknown {
  try {
    return parseToml(text.replace(/^\ufeff/, ""), { integersAsBigInt: "asNeeded" });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const fault = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
    throw new AgentAsyncError("config_invalid", `${path}:${error.line}:${error.column}: ${fault}`, {
      hint: LEFT_ALONE,
      cause: error,
    });
  }
}

/**
 * Whether the file at `path`, links followed, is read-only for everybody. Replacing it by a rename would succeed all
 * the same.
 */
export function isReadOnlyFile(path: string): boolean {
  const mode = modeOf(path);
  return mode !== null && (mode & 0o222) === 0;
}

/**
 * Copies the file to its backup, with its mode.
 * @returns whether there was a file to copy.
 */
export function backUp(path: string): boolean {
  const text = ifExists(() => Deno.readFileSync(path));
  if (text === null) return false;
  replaceFile(realPathOf(`${path}${BACKUP_SUFFIX}`), text, modeOf(path) ?? NEW_FILE_MODE);
  return true;
}

/** Replaces the file that `path` leads to, links followed; its mode stays. Its directory is made when missing. */
export function writeHostFile(path: string, text: string): void {
  const target = realPathOf(path);
  makeDirectoryOf(target);
  replaceFile(target, new TextEncoder().encode(text), modeOf(target) ?? NEW_FILE_MODE);
}

/**
 * Creates the directory of `path` and those above it, for their owner alone (0700).
 * @throws AgentAsyncError `config_invalid` when that fails.
 */
export function makeDirectoryOf(path: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AgentAsyncError("config_invalid", `Cannot make ${dirname(path)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function replaceFile(path: string, bytes: Uint8Array, mode: number): void {
  const draft = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    Deno.writeFileSync(draft, bytes, { createNew: true, mode: NEW_FILE_MODE });
    if (Deno.build.os !== "windows") Deno.chmodSync(draft, mode);
    renameOver(draft, path);
  } catch (error) {
    ifExists(() => Deno.removeSync(draft));
    throw new AgentAsyncError("config_invalid", `Cannot write ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The path with links followed. The target is replaced and the link stays: people keep such files in a repository. */
function realPathOf(path: string): string {
  return ifExists(() => Deno.realPathSync(path)) ?? path;
}

function modeOf(path: string): number | null {
  const mode = ifExists(() => Deno.statSync(path))?.mode ?? null;
  return mode === null ? null : mode & 0o777;
}
