/**
 * Room `daemon`: where a daemon can run at all.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";

export function isSupportedSystem(os: string = Deno.build.os): boolean {
  return os !== "windows";
}

/**
 * Windows has neither what the daemon listens on (Deno has no unix sockets there) nor the shell that stands between it
 * and an agent. Said at the door, in words, instead of by whatever would fail first.
 *
 * @throws {AgentAsyncError} `daemon_unreachable`
 */
export function requireSupportedSystem(os: string = Deno.build.os): void {
  if (isSupportedSystem(os)) return;
  throw new AgentAsyncError("daemon_unreachable", "Jobs do not run on Windows itself yet.", {
    hint: "Install agent-async and the agents in WSL 2, and register it there.",
  });
}
