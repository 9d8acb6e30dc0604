/**
 * Room `agents`: whether Codex can sandbox commands on this machine. Where it cannot (containers, kernels without user
 * namespaces), every command of its jobs fails although Codex itself works.
 *
 * @module
 */
import type { SandboxCheck } from "../agent_questions.ts";

export const CODEX_SANDBOX: SandboxCheck = {
  agent: "Codex",
  // Older versions want to be told which sandbox.
  argsToTry: (os) => [["sandbox", "true"], ["sandbox", os === "darwin" ? "macos" : "linux", "true"]],
  // What its argument parser exits with.
  unknownFormCode: 2,
  fix: (os) =>
    os === "linux"
      ? "Allow user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, or the container's seccomp " +
        "profile), or run jobs with approval_policy full-auto inside of a container that you can lose."
      : "Run jobs with approval_policy full-auto only where you can lose what they may change.",
};

/** It passes the exit code on. Mode and directory are the same as those of a job under `auto-edit`. */
export function inCodexSandbox(words: readonly string[]): readonly string[] {
  return ["sandbox", "-c", 'sandbox_mode="workspace-write"', "--", ...words];
}
