/**
 * Room `config`: the configuration of a process that lives long: read again when the file has changed. A change that
 * cannot be used never takes effect and is never silent.
 *
 * @module
 */
import type { AgentAsyncError } from "../domain/errors.ts";
import { isAgentAsyncError } from "../domain/errors.ts";
import type { Log } from "../system/log.ts";
import { parseConfigFile } from "./config_file.ts";
import { readConfigText } from "./config_text.ts";
import type { LoadOptions } from "./load_config.ts";
import { resolveConfig } from "./resolve_config.ts";
import type { Config } from "./schema.ts";

export interface ConfigSourceOptions extends LoadOptions {
  readonly log?: Log;
}

export class ConfigSource {
  readonly #options: ConfigSourceOptions;
  #config: Config;
  #problem: AgentAsyncError | null = null;
  #stamp: string;

  /** @throws AgentAsyncError `config_invalid`: a process does not begin with a configuration it cannot use. */
  constructor(options: ConfigSourceOptions) {
    this.#options = options;
    this.#stamp = stampOf(options.path);
    this.#config = read(options);
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

  #refresh(): void {
    // The stamp is taken before the file is read: a write in between is seen at the next call.
    const stamp = stampOf(this.#options.path);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      this.#config = read(this.#options);
      this.#problem = null;
      this.#options.log?.info("The configuration was read again", { path: this.#options.path });
    } catch (error) {
      if (!isAgentAsyncError(error)) throw error;
      this.#problem = error;
      this.#options.log?.warn("The changed configuration cannot be used", { problem: error.message });
    }
  }
}

function read(options: ConfigSourceOptions): Config {
  const { path, env, flags } = options;
  const text = readConfigText(path);
  const file = text === null ? null : { path, value: parseConfigFile(text, path) };
  return resolveConfig({ file, env, ...(flags === undefined ? {} : { flags }) }).config;
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
