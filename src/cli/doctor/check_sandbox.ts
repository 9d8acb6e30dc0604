/**
 * Room `cli`: the check of `doctor` on an agent's sandbox: it runs a command that does nothing inside the sandbox.
 *
 * @module
 */
import type { SandboxCheck } from "../../agents/agent_questions.ts";
import { AgentProbe } from "../../system/agent_probe.ts";
import { broken, type Check, ok, warn } from "./check.ts";

/** Time limit in ms for one trial, which takes 0.15 s on a quiet machine. */
const SANDBOX_MS = 15_000;

export interface SandboxQuestion {
  readonly sandbox: SandboxCheck;
  /** An absolute path. */
  readonly executable: string;
  readonly env: Readonly<Record<string, string>>;
}

/** @param agentName the agent's name, as in `<name>_start`. */
export async function checkSandbox(
  agentName: string,
  { sandbox, executable, env }: SandboxQuestion,
): Promise<Check> {
  const name = `sandbox ${agentName}`;
  const { agent } = sandbox;
  const unknown = `${agent} answers only jobs about it: try one with approval_policy auto-edit.`;
  for (const args of sandbox.argsToTry(Deno.build.os)) {
    const answer = await new AgentProbe().run(executable, args, { env, timeoutMs: SANDBOX_MS });
    if (answer === null) return warn(name, "did not answer in time", unknown);
    if (answer.code === 0) {
      const well = `commands of ${agent} run in its sandbox`;
      const how = sandbox.switchedOnBy?.(Deno.build.os) ?? null;
      return how === null ? ok(name, well) : warn(name, `${well}, if it is switched on`, how);
    }
    if (answer.code === sandbox.unknownFormCode) continue;
    const said = answer.stderr.trim().split("\n").at(-1) ?? "";
    const fault = `a command in ${agent}'s sandbox ended with ${answer.code}: ${said.slice(0, 300)}`;
    return broken(name, fault, sandbox.fix(Deno.build.os));
  }
  return warn(name, `this version of ${agent} has no command to try its sandbox`, unknown);
}
