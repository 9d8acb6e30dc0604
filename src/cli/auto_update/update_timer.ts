/**
 * Room `cli`: what starts an update once a day, whichever of the system's own clocks that is. Rule of this room's part:
 * only what `enable` wrote is changed or removed.
 *
 * @module
 */

/** What is to be run, and with which settings. */
export interface TimedCommand {
  /** The program and its arguments; no newline in any of them. */
  readonly command: readonly string[];
  /** Variables that the system's clock would not know of. */
  readonly env: Readonly<Record<string, string>>;
}

export interface UpdateTimer {
  readonly name: "launchd" | "systemd" | "cron";
  /** Whether this system's clock can be spoken to, by this user, now. */
  isAvailable(): Promise<boolean>;
  isEnabled(): Promise<boolean>;
  /**
   * Whether that changed anything.
   * @throws CommandError when the system refuses.
   */
  enable(timed: TimedCommand): Promise<boolean>;
  /**
   * Whether there was anything to remove.
   * @throws CommandError when the system refuses.
   */
  disable(): Promise<boolean>;
}

/** Daily at 9: most machines of people are on then. */
export const UPDATE_HOUR = 9;

/** The same minute for the same program, another one elsewhere: so that not every machine asks at once. */
export function updateMinute({ command }: TimedCommand): number {
  const text = command.join("\0");
  return [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 3_600, 7) % 60;
}
