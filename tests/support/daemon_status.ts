/**
 * Test support: what a daemon says of itself.
 *
 * @module
 */
import type { DaemonStatus } from "../../src/service/daemon_control.ts";

export function aDaemonStatus(over: Partial<DaemonStatus> = {}): DaemonStatus {
  return {
    version: "1.2.3",
    protocol: 1,
    pid: 42,
    home: "/home/user/.agent-async",
    started_at: "2026-01-01T00:00:00.000Z",
    uptime_seconds: 120,
    jobs: { pending: 0, running: 0, done: 0, error: 0, cancelled: 0 },
    clients: 1,
    memory: { rss_bytes: 1, heap_used_bytes: 1 },
    git_fault: null,
    ...over,
  };
}
