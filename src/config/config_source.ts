/**
 * Room `config`: the configuration of a long-lived process, read again whenever the file has changed. Rule of this
 * file: a configuration that cannot be used never takes effect, and is always reported.
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
   * Path of a copy of the file as it last was when it could be used. A process that starts while the file is invalid
   * uses the copy. No copy is kept by default.
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
   * Reads the file. If it is invalid, the last good copy is used, else the defaults: that is enough to look at jobs.
   * {@link ConfigSource.problem} then keeps anything new from being started.
   *
   * @throws anything but an AgentAsyncError, which {@link ConfigSource.problem} returns instead
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

  /**
   * Whether {@link ConfigSource.current} was configured by the user, in the file or its last good copy. `false` for the
   * defaults that stand in for an invalid file.
   */
  get isUsers(): boolean {
    this.#refresh();
    return this.#isLastGood;
  }

  /**
   * The newest usable configuration. Costs one `stat` when the file is unchanged. An invalid file does not make it
   * throw.
   */
  current(): Config {
    this.#refresh();
    return this.#config;
  }

  /**
   * Why the current file cannot be used, or `null`. While there is a problem nothing may be started, since the file may
   * be meant to forbid it.
   */
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
    // The stamp is taken before the file is read, so that a write in between is noticed at the next call.
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

/**
 * Reads and resolves the configuration from the file at `path`, the environment and the flags.
 *
 * @throws AgentAsyncError `config_invalid`
 */
function read(path: string, { env, flags }: ConfigSourceOptions): { config: Config; text: string | null } {
  const text = readConfigText(path);
  const file = text === null ? null : { path, value: parseConfigFile(text, path) };
  const { config } = resolveConfig({ file, env, ...(flags === undefined ? {} : { flags }) });
  return { config, text };
}

/**
 * The configuration from the last good copy. `null` when there is no copy, or when it cannot be used either, as when
 * the fault is in the environment.
 */
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

/**
 * Keeps a copy of the usable file. A failure is only logged: a full disk must not keep the daemon from its work.
 */
function keepLastGood({ lastGoodPath, log }: ConfigSourceOptions, text: string | null): void {
  if (lastGoodPath === undefined) return;
  try {
    if (text === null) removeIfExists(lastGoodPath);
    else if (readConfigText(lastGoodPath) !== text) writeAtomically(lastGoodPath, text);
  } catch (error) {
    log?.warn("The configuration cannot be kept for a day when it is broken", { error: String(error) });
  }
}

/**
 * A text that changes whenever the file does: time, size and inode. A file that is renamed into place has another
 * inode.
 */
function stampOf(path: string): string {
  try {
    const info = Deno.statSync(path);
    return `${info.mtime?.getTime() ?? 0} ${info.size} ${info.ino ?? 0}`;
  } catch {
    return "none";
  }
}
