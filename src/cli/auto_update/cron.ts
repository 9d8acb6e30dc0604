/**
 * Room `cli`: automatic updates by cron: one line of the user's crontab, marked by the comment at its end. Every other
 * line stays as it is, byte for byte.
 *
 * @module
 */
import { join } from "node:path";
import { CommandError } from "../entry/exit_code.ts";
import type { Tools } from "./tools.ts";
import { type TimedCommand, UPDATE_HOUR, updateMinute, type UpdateTimer } from "./update_timer.ts";

const MARK = "# agent-async auto-update";

export class CronTimer implements UpdateTimer {
  readonly name = "cron";
  readonly #tools: Tools;
  readonly #env: Readonly<Record<string, string>>;

  constructor(tools: Tools, env: Readonly<Record<string, string>>) {
    this.#tools = tools;
    this.#env = env;
  }

  isAvailable(): Promise<boolean> {
    return Promise.resolve(this.#tools.has("crontab"));
  }

  async isEnabled(): Promise<boolean> {
    if (!this.#tools.has("crontab")) return false;
    return (await this.#read()).includes(MARK);
  }

  async enable(timed: TimedCommand): Promise<boolean> {
    const before = await this.#read();
    const after = withLine(before, cronLine(timed));
    if (after === before) return false;
    await this.#write(after);
    return true;
  }

  async disable(): Promise<boolean> {
    if (!this.#tools.has("crontab")) return false;
    const before = await this.#read();
    const after = withoutLine(before);
    if (after === before) return false;
    if (after === "") await this.#tools.must("crontab", ["-r"]);
    else await this.#write(after);
    return true;
  }

  /**
   * The crontab; "" when there is none.
   * @throws CommandError when it cannot be read: taken for empty, it would be overwritten.
   */
  async #read(): Promise<string> {
    const answer = await this.#tools.ask("crontab", ["-l"]);
    if (answer?.code === 0) return answer.stdout;
    if (answer !== null && /no crontab|no such file|not allowed/i.test(answer.stderr)) return "";
    throw new CommandError(`Cannot read the crontab: ${answer?.stderr.trim() || "crontab does not answer"}`);
  }

  async #write(text: string): Promise<void> {
    // Not in a temporary directory, where an agent of this user may write from inside of its sandbox.
    const directory = Deno.makeTempDirSync({
      dir: this.#env["HOME"] ?? "/",
      prefix: ".agent-async-crontab-",
    });
    const file = join(directory, "crontab");
    try {
      Deno.writeTextFileSync(file, text, { mode: 0o600 });
      await this.#tools.must("crontab", [file]);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  }
}

export function cronLine(timed: TimedCommand): string {
  const { command, env } = timed;
  const settings = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const words = [...settings, ...command.map(quoted)].join(" ");
  // In a crontab `%` is a newline unless it is escaped, quotes or not.
  const line = `${words} >/dev/null 2>&1`.replaceAll("%", "\\%");
  return `${updateMinute(timed)} ${UPDATE_HOUR} * * * ${line} ${MARK}`;
}

export function withLine(table: string, line: string): string {
  const lines = table.split("\n");
  const at = lines.findIndex((other) => other.endsWith(MARK));
  if (at >= 0) return [...lines.slice(0, at), line, ...lines.slice(at + 1)].join("\n");
  const gap = table === "" || table.endsWith("\n") ? "" : "\n";
  return `${table}${gap}${line}\n`;
}

export function withoutLine(table: string): string {
  return table.split("\n").filter((line) => !line.endsWith(MARK)).join("\n");
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_/.:@+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
