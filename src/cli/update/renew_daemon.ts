/**
 * Room `cli`: lets the daemon of this state directory hand over to the new version after an update. Jobs go on
 * meanwhile, since their processes do not belong to the daemon.
 *
 * @module
 */
import { AgentProbe } from "../../system/agent_probe.ts";
import type { Context } from "../context.ts";
import { existingDaemon } from "../existing_daemon.ts";
import type { Comparison } from "./update_program.ts";

/** Limit in ms of a handover: the old daemon answers open requests and leaves, and the new one starts. */
const HANDOVER_MS = 60_000;

/**
 * - `renewed`: the new version serves.
 * - `stopped`: the old one has left; the next command starts the new version.
 * - `absent`: none was running.
 * - `failed`: it stays as it is. The next command of the new version asks again.
 */
export type Renewal = "renewed" | "stopped" | "absent" | "failed";

export async function renewDaemon(
  context: Context,
  { path, comparison }: { path: string; comparison: Comparison },
): Promise<Renewal> {
  try {
    if (comparison !== "newer") {
      // A daemon hands over to a newer one only; for what is not newer it just leaves.
      const stopped = await existingDaemon(context, (control) => control.stop());
      return stopped === null ? "absent" : "stopped";
    }
    const found = await existingDaemon(context, (control) => control.ping());
    if (found === null) return "absent";
    const answer = await new AgentProbe().run(path, ["daemon", "start", "--json"], {
      env: context.io.env,
      timeoutMs: HANDOVER_MS,
    });
    return answer?.code === 0 ? "renewed" : "failed";
  } catch {
    return "failed";
  }
}
