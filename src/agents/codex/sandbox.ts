/**
 * Room `agents`: whether Codex can sandbox commands on this machine. Where it cannot (containers, kernels without user
 * namespaces), every command of its jobs fails although Codex itself works.
 *
 * @module
 */
import type { SandboxCheck } from "../agent_questions.ts";

/** Windows has no program `true`. */
const NOTHING_ON_WINDOWS = ["cmd.exe", "/d", "/c", "exit 0"];

export const CODEX_SANDBOX: SandboxCheck = {
  agent: "Codex",
  argsToTry: (os) =>
    os === "windows"
      ? [["sandbox", ...NOTHING_ON_WINDOWS], ["sandbox", "windows", ...NOTHING_ON_WINDOWS]]
      // Older versions want to be told which sandbox.
      : [["sandbox", "true"], ["sandbox", os === "darwin" ? "macos" : "linux", "true"]],
  // What its argument parser exits with.
  unknownFormCode: 2,
  fix: (os) =>
    os === "linux"
      ? "Allow user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, or the container's seccomp " +
        "profile), or run jobs with approval_policy full-auto inside of a container that you can lose."
      : "Run jobs with approval_policy full-auto only where you can lose what they may change.",
  // Seen with 0.171. `codex sandbox` takes one all the same.
  switchedOnBy: (os) =>
    os === "windows"
      ? 'Without [windows] sandbox = "unelevated" in its config.toml (or "elevated"), Codex on Windows changes and ' +
        "runs nothing under approval_policy auto-edit."
      : null,
};

/** It passes the exit code on. Mode and directory are the same as those of a job under `auto-edit`. */
export function inCodexSandbox(words: readonly string[]): readonly string[] {
  return ["sandbox", "-c", 'sandbox_mode="workspace-write"', "--", ...words];
}
