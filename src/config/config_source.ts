/**
 * Room `config`: the configuration of a process that lives long: read again when the file has changed. A change that
 * cannot be used never takes effect and is never silent.
 *
 * @module
 */
import type { AgentAsyncError } from "../domain/errors.ts";
import { isAgentAsyncError } from "../domain/errors.ts";
import type { Log } from "../system/log.ts";
import { removeIfExists, writeAtomically } from "../system/files/files.ts";
import { parseConfigFile } from "./config_file.ts";
import { readConfigText } from "./config_text.ts";
import type { LoadOptions } from "./load_config.ts";
import { resolveConfig } from "./resolve_config.ts";
import { type Config, DEFAULT_CONFIG } from "./schema.ts";

export interface ConfigSourceOptions extends LoadOptions {
  readonly log?: Log;
  /**
   * Where the text of the file is kept as it was when it could last be used, for the process that begins when it
   * cannot; nowhere unless given.
   */
  readonly lastGoodPath?: string;
}

export class ConfigSource {
  readonly #options: ConfigSourceOptions;
  #config: Config;
  #problem: AgentAsyncError | null = null;
  #isLastGood = true;
  #stamp: string;

  /**
   * With a file that cannot be used it begins with the last one that could, else with the defaults: what only looks at
   * jobs needs no more, and {@link ConfigSource.problem} keeps all else from being begun.
   */
  constructor(options: ConfigSourceOptions) {
    this.#options = options;
    this.#stamp = stampOf(options.path);
    try {
      this.#config = this.#read();
    } catch (error) {
      if (!isAgentAsyncError(error)) throw error;
      this.#problem = error;
      const last = lastGood(options);
      this.#isLastGood = last !== null;
      this.#config = last ?? DEFAULT_CONFIG;
      options.log?.warn("The configuration cannot be used", {
        problem: error.message,
        instead: last === null ? "the defaults" : "the last that could",
      });
    }
  }

  /** Whether {@link ConfigSource.current} is what the user has once configured, and not a makeshift. */
  get isUsers(): boolean {
    this.#refresh();
    return this.#isLastGood;
  }

  /** The newest usable configuration. One `stat` where nothing has changed; never throws. */
  current(): Config {
    this.#refresh();
    return this.#config;
  }

  /** Why the file as it is now cannot be used, or `null`: whatever it would have forbidden must not be begun. */
  problem(): AgentAsyncError | null {
    this.#refresh();
    return this.#problem;
  }

  #read(): Config {
    const { config, text } = read(this.#options.path, this.#options);
    keepLastGood(this.#options, text);
    return config;
  }

  #refresh(): void {
    // The stamp is taken before the file is read: a write in between is seen at the next call.
    const stamp = stampOf(this.#options.path);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      this.#config = this.#read();
      this.#problem = null;
      this.#isLastGood = true;
      this.#options.log?.info("The configuration was read again", { path: this.#options.path });
    } catch (error) {
      if (!isAgentAsyncError(error)) throw error;
      this.#problem = error;
      this.#options.log?.warn("The changed configuration cannot be used", { problem: error.message });
    }
  }
}

/** @throws AgentAsyncError `config_invalid`. */
function read(path: string, { env, flags }: ConfigSourceOptions): { config: Config; text: string | null } {
  const text = readConfigText(path);
  const file = text === null ? null : { path, value: parseConfigFile(text, path) };
  const { config } = resolveConfig({ file, env, ...(flags === undefined ? {} : { flags }) });
  return { config, text };
}

/** `null` when there is none, or when what is wrong is not in the file. */
function lastGood(options: ConfigSourceOptions): Config | null {
  const { lastGoodPath } = options;
  if (lastGoodPath === undefined) return null;
  try {
    const { config, text } = read(lastGoodPath, options);
    return text === null ? null : config;
  } catch {
    return null;
  }
}

/** A disk that is full must not keep a daemon from its work. */
function keepLastGood({ lastGoodPath, log }: ConfigSourceOptions, text: string | null): void {
  if (lastGoodPath === undefined) return;
  try {
    if (text === null) removeIfExists(lastGoodPath);
    else if (readConfigText(lastGoodPath) !== text) writeAtomically(lastGoodPath, text);
  } catch (error) {
    log?.warn("The configuration cannot be kept for a day when it is broken", { error: String(error) });
  }
}

/** Changes whenever the file does: time, size and inode (a file that is renamed into place has another). */
function stampOf(path: string): string {
  try {
    const info = Deno.statSync(path);
    return `${info.mtime?.getTime() ?? 0} ${info.size} ${info.ino ?? 0}`;
  } catch {
    return "none";
  }
}
