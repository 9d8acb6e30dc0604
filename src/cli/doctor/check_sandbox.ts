/**
 * Room `cli`: whether Codex can sandbox commands on this machine, asked by running one that does nothing. Where it
 * cannot (containers, kernels without user namespaces), every command of its jobs fails although Codex itself works.
 *
 * @module
 */
import { AgentProbe } from "../../system/agent_probe.ts";
import { broken, type Check, ok, warn } from "./check.ts";

/** Ms: it takes 0.15 s on a quiet machine. */
const SANDBOX_MS = 15_000;

/** The exit code for arguments that a version does not know. */
const USAGE = 2;

export async function checkCodexSandbox(
  executable: string,
  env: Readonly<Record<string, string>>,
): Promise<Check> {
  const name = "sandbox codex";
  // Older versions want to be told which sandbox.
  const older = Deno.build.os === "darwin" ? "macos" : "linux";
  const unknown = "Codex answers only jobs about it: try one with approval_policy auto-edit.";
  for (const args of [["sandbox", "true"], ["sandbox", older, "true"]]) {
    const answer = await new AgentProbe().run(executable, args, { env, timeoutMs: SANDBOX_MS });
    if (answer === null) return warn(name, "did not answer in time", unknown);
    if (answer.code === 0) return ok(name, "commands of Codex run in its sandbox");
    if (answer.code === USAGE) continue;
    const said = answer.stderr.trim().split("\n").at(-1) ?? "";
    return broken(name, `a command in Codex's sandbox ended with ${answer.code}: ${said.slice(0, 300)}`, FIX);
  }
  return warn(name, "this version of Codex has no command to try its sandbox", unknown);
}

const FIX = Deno.build.os === "linux"
  ? "Allow user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, or the container's seccomp " +
    "profile), or run jobs with approval_policy full-auto inside of a container that you can lose."
  : "Run jobs with approval_policy full-auto only where you can lose what they may change.";
