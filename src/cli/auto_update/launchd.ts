/**
 * Room `cli`: automatic updates by launchd, as a launch agent of macOS.
 *
 * @module
 */
import { join } from "node:path";
import { ifExists, removeIfExists } from "../../system/files/files.ts";
import { writeOwnFile } from "./own_file.ts";
import type { Tools } from "./tools.ts";
import { type TimedCommand, UPDATE_HOUR, updateMinute, type UpdateTimer } from "./update_timer.ts";
import { pause } from "../../system/pause.ts";

const LABEL = "agent-async.update";

/** Longest wait in ms for launchd to unload an agent: `bootout` may return before that is done. */
const UNLOAD_MS = 5_000;
const LOOK_MS = 100;

export class LaunchdTimer implements UpdateTimer {
  readonly name = "launchd";
  readonly #tools: Tools;
  readonly #path: string;
  readonly #domain: string;

  constructor(tools: Tools, env: Readonly<Record<string, string>>, uid: number | null = Deno.uid()) {
    this.#tools = tools;
    this.#path = join(env["HOME"] ?? "/", "Library", "LaunchAgents", `${LABEL}.plist`);
    this.#domain = `gui/${uid ?? 0}`;
  }

  /** Somebody who came by ssh may have no session of launchd's to put a job into. */
  async isAvailable(): Promise<boolean> {
    return (await this.#tools.ask("launchctl", ["print", this.#domain]))?.code === 0;
  }

  isEnabled(): Promise<boolean> {
    return Promise.resolve(ifExists(() => Deno.lstatSync(this.#path)) !== null);
  }

  async enable(timed: TimedCommand): Promise<boolean> {
    const isNew = writeOwnFile(this.#path, plistText(timed));
    const isLoaded = await this.#isLoaded();
    if (isLoaded && !isNew) return false;
    // launchd keeps a copy of the old text, so the agent is unloaded first.
    if (isLoaded) await this.#unload();
    await this.#tools.must("launchctl", ["bootstrap", this.#domain, this.#path]);
    return true;
  }

  async disable(): Promise<boolean> {
    if (!await this.isEnabled()) return false;
    await this.#unload();
    return removeIfExists(this.#path);
  }

  async #isLoaded(): Promise<boolean> {
    return (await this.#tools.ask("launchctl", ["print", `${this.#domain}/${LABEL}`]))?.code === 0;
  }

  async #unload(): Promise<void> {
    await this.#tools.ask("launchctl", ["bootout", `${this.#domain}/${LABEL}`]);
    for (let waited = 0; waited < UNLOAD_MS && await this.#isLoaded(); waited += LOOK_MS) {
      await pause(LOOK_MS);
    }
  }
}

/** At a time of the day, which a Mac that slept through it makes up for; an interval would begin anew at each login. */
export function plistText(timed: TimedCommand): string {
  const { command, env } = timed;
  const words = command.map((word) => `    <string>${escaped(word)}</string>\n`).join("");
  const variables = Object.entries(env).map(([name, value]) =>
    `    <key>${escaped(name)}</key>\n    <string>${escaped(value)}</string>\n`
  ).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${words}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables}  </dict>
  <key>StartCalendarInterval</key>
  <dict>
    <key>Hour</key>
    <integer>${UPDATE_HOUR}</integer>
    <key>Minute</key>
    <integer>${updateMinute(timed)}</integer>
  </dict>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
