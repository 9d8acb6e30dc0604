/**
 * Room `cli`: a launch agent of macOS.
 *
 * @module
 */
import { join } from "node:path";
import { ifExists, removeIfExists } from "../../system/files.ts";
import { writeOwnFile } from "./own_file.ts";
import type { Tools } from "./tools.ts";
import type { TimedCommand, UpdateTimer } from "./update_timer.ts";

const LABEL = "agent-async.update";

/** Seconds. */
const DAY = 86_400;

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

  isAvailable(): Promise<boolean> {
    return Promise.resolve(this.#tools.has("launchctl"));
  }

  isEnabled(): Promise<boolean> {
    return Promise.resolve(ifExists(() => Deno.lstatSync(this.#path)) !== null);
  }

  async enable(timed: TimedCommand): Promise<boolean> {
    const isNew = writeOwnFile(this.#path, plistText(timed));
    const isLoaded = (await this.#tools.ask("launchctl", ["print", `${this.#domain}/${LABEL}`]))?.code === 0;
    if (isLoaded && !isNew) return false;
    // What is loaded is a copy of the old text.
    if (isLoaded) await this.#tools.ask("launchctl", ["bootout", `${this.#domain}/${LABEL}`]);
    await this.#tools.must("launchctl", ["bootstrap", this.#domain, this.#path]);
    return true;
  }

  async disable(): Promise<boolean> {
    if (!await this.isEnabled()) return false;
    await this.#tools.ask("launchctl", ["bootout", `${this.#domain}/${LABEL}`]);
    return removeIfExists(this.#path);
  }
}

export function plistText({ command, env }: TimedCommand): string {
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
  <key>StartInterval</key>
  <integer>${DAY}</integer>
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
