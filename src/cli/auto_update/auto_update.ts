/**
 * Room `cli`: turns automatic updates on and off, by the first timer of the system that is available: launchd, systemd
 * or cron. At most one of them is ever set.
 *
 * @module
 */
import { HOME_VARIABLE } from "../../config/state_paths.ts";
import { CommandError } from "../entry/exit_code.ts";
import { RELEASE_URL_VARIABLE } from "../update/release_server.ts";
import { CronTimer } from "./cron.ts";
import { LaunchdTimer } from "./launchd.ts";
import { SystemdTimer } from "./systemd.ts";
import { Tools } from "./tools.ts";
import type { TimedCommand, UpdateTimer } from "./update_timer.ts";

/**
 * The update leaves the daemon running. A daemon started from a timer would live in the timer's session, which systemd
 * and launchd clear away. The next command or host session asks the old daemon to hand over.
 */
const ARGUMENTS = ["update", "--leave-daemon"];

/** Variables passed on to the timer when they are set: it must do what the same command here would do. */
const VARIABLES = ["HOME", HOME_VARIABLE, RELEASE_URL_VARIABLE];

export class AutoUpdate {
  readonly #env: Readonly<Record<string, string>>;
  readonly #timers: readonly UpdateTimer[];

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
    const tools = new Tools(env);
    this.#timers = [new LaunchdTimer(tools, env), new SystemdTimer(tools, env), new CronTimer(tools, env)];
  }

  /** Name of the timer that runs updates; `null` when none does. */
  async enabledBy(): Promise<UpdateTimer["name"] | null> {
    for (const timer of this.#timers) {
      if (await timer.isEnabled()) return timer.name;
    }
    return null;
  }

  /**
   * Sets a daily update of the executable at `path` and removes every other timer.
   * @throws CommandError when no timer is available, or it refuses.
   */
  async enable(path: string): Promise<{ by: UpdateTimer["name"]; hasChanged: boolean }> {
    const chosen = await this.#firstAvailable();
    if (chosen === null) {
      throw new CommandError("Cannot find launchd, a systemd of this user or cron", {
        hint: `Let whatever there is run this once a day: ${[path, ...ARGUMENTS].join(" ")}`,
      });
    }
    const timed = this.#timed(path);
    for (const other of this.#timers) {
      // A timer that does not answer cannot have been set either.
      if (other !== chosen) await other.disable().catch(() => false);
    }
    return { by: chosen.name, hasChanged: await chosen.enable(timed) };
  }

  /** Removes the update from every timer. @returns the names of those that had it. */
  async disable(): Promise<UpdateTimer["name"][]> {
    const removed: UpdateTimer["name"][] = [];
    for (const timer of this.#timers) {
      if (await timer.disable()) removed.push(timer.name);
    }
    return removed;
  }

  async #firstAvailable(): Promise<UpdateTimer | null> {
    for (const timer of this.#timers) {
      if (await timer.isAvailable()) return timer;
    }
    return null;
  }

  #timed(path: string): TimedCommand {
    const env = Object.fromEntries(VARIABLES.flatMap((name) => {
      const value = this.#env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }));
    const timed = { command: [path, ...ARGUMENTS], env };
    if ([...timed.command, ...Object.values(env)].some((text) => /[\n\r]/.test(text))) {
      throw new CommandError("Cannot set a timer: a path with a newline in it cannot be written there");
    }
    return timed;
  }
}
