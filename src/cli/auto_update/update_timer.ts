/**
 * Room `cli`: the interface to a timer of the system that starts an update once a day. Rule of this folder: only what
 * `enable` wrote is changed or removed.
 *
 * @module
 */

/** The command that the timer runs, and its variables. */
export interface TimedCommand {
  /** The program and its arguments; no newline in any of them. */
  readonly command: readonly string[];
  /** Variables that the timer would not pass on by itself. */
  readonly env: Readonly<Record<string, string>>;
}

export interface UpdateTimer {
  readonly name: "launchd" | "systemd" | "cron";
  /** Whether this user can use the timer now. */
  isAvailable(): Promise<boolean>;
  isEnabled(): Promise<boolean>;
  /**
   * Sets the timer. @returns whether that changed anything.
   * @throws CommandError when the system refuses.
   */
  enable(timed: TimedCommand): Promise<boolean>;
  /**
   * Removes the timer. @returns whether there was one.
   * @throws CommandError when the system refuses.
   */
  disable(): Promise<boolean>;
}

/** Hour of the daily update, in local time: most personal machines are on then. */
export const UPDATE_HOUR = 9;

/** The same minute for the same program, another one elsewhere: so that not every machine asks at once. */
export function updateMinute({ command }: TimedCommand): number {
  const text = command.join("\0");
  return [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 3_600, 7) % 60;
}
