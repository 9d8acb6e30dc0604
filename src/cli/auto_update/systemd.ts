/**
 * Room `cli`: a timer of the user's own systemd. It runs while the user is logged in (or lingers) and catches up on
 * what it slept through.
 *
 * @module
 */
import { join } from "node:path";
import { ifExists, removeIfExists } from "../../system/files/files.ts";
import { writeOwnFile } from "./own_file.ts";
import type { Tools } from "./tools.ts";
import type { TimedCommand, UpdateTimer } from "./update_timer.ts";

const SERVICE = "agent-async-update.service";
const TIMER = "agent-async-update.timer";

export class SystemdTimer implements UpdateTimer {
  readonly name = "systemd";
  readonly #tools: Tools;
  readonly #directory: string;

  constructor(tools: Tools, env: Readonly<Record<string, string>>) {
    this.#tools = tools;
    const chosen = env["XDG_CONFIG_HOME"] ?? "";
    const config = chosen.startsWith("/") ? chosen : join(env["HOME"] ?? "/", ".config");
    this.#directory = join(config, "systemd", "user");
  }

  /** Not every machine with systemctl has a systemd for this user: containers and `su` have none. */
  async isAvailable(): Promise<boolean> {
    return (await this.#tools.ask("systemctl", ["--user", "show-environment"]))?.code === 0;
  }

  isEnabled(): Promise<boolean> {
    return Promise.resolve(ifExists(() => Deno.lstatSync(this.#path(TIMER))) !== null);
  }

  async enable(timed: TimedCommand): Promise<boolean> {
    const wrote = [
      writeOwnFile(this.#path(SERVICE), serviceText(timed)),
      writeOwnFile(this.#path(TIMER), TIMER_TEXT),
    ];
    await this.#tools.must("systemctl", ["--user", "daemon-reload"]);
    // Enabled every time: a timer whose files are right may still have been stopped.
    await this.#tools.must("systemctl", ["--user", "enable", "--now", TIMER]);
    return wrote.includes(true);
  }

  async disable(): Promise<boolean> {
    if (!await this.isEnabled() && !this.#hasService()) return false;
    // Even when no systemd answers now, the files must go: a later one would read them.
    await this.#tools.ask("systemctl", ["--user", "disable", "--now", TIMER]);
    removeIfExists(join(this.#directory, "timers.target.wants", TIMER));
    removeIfExists(this.#path(TIMER));
    removeIfExists(this.#path(SERVICE));
    await this.#tools.ask("systemctl", ["--user", "daemon-reload"]);
    return true;
  }

  #hasService(): boolean {
    return ifExists(() => Deno.lstatSync(this.#path(SERVICE))) !== null;
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

/** The delay of up to an hour is random, so that not every machine asks in the same minute. */
const TIMER_TEXT = `[Unit]
Description=Daily update of agent-async

[Timer]
OnCalendar=daily
RandomizedDelaySec=1h
Persistent=true

[Install]
WantedBy=timers.target
`;

export function serviceText({ command, env }: TimedCommand): string {
  const variables = Object.entries(env).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`);
  return `[Unit]
Description=Update of agent-async

[Service]
Type=oneshot
${variables.join("")}ExecStart=${command.map((word) => quoted(word).replaceAll("$", "$$$$")).join(" ")}
`;
}

/**
 * A word quoted as in systemd.syntax(7). `%` begins a specifier everywhere; `$` begins a variable in ExecStart only.
 */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("%", "%%")}"`;
}
