/**
 * Room `kernel`: who stands between the daemon and an agent, so that the agent and its exit code outlive the daemon:
 * the system's shell, or where there is none a process of this program. All else in the room is the same for both.
 *
 * @module
 */
import type { LaunchOptions } from "../launch.ts";

/** Exit code of a wrapper that did not run the agent: the turn was claimed before, or its files cannot be written. */
export const WRAPPER_REFUSED = 125;

export interface TurnWrapper {
  /**
   * Starts the wrapper of a turn in a session of its own, and without any tie to this process. It claims the turn by
   * creating its `alive` file, of which there can be one, and holds that for as long as it lives.
   *
   * @throws what the system says; nothing was started then
   */
  start(options: LaunchOptions): { status: Promise<unknown> };
  /** Whether a wrapper holds this `alive` file; `null` when there is none, or something else in its place. */
  isHeld(aliveFile: string): boolean | null;
}
