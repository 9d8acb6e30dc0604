/**
 * Room `agents`: the Gemini CLI as an agent that can be asked and answered, over ACP.
 *
 * @module
 */
import type { ApprovalPolicy, UnaskedPolicy } from "../../domain/agent/policy.ts";
import { acpDriver } from "../acp/driver.ts";
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import { geminiCommand } from "./command.ts";
import { geminiFailure } from "./failures.ts";
import { GEMINI_HINTS } from "./profile.ts";

/** `default` asks before every write and command; what it asks under `suggest` is refused. */
export const GEMINI_MODES: Readonly<Record<ApprovalPolicy, string>> = {
  suggest: "default",
  "auto-edit": "autoEdit",
  ask: "default",
  "full-auto": "yolo",
};

/** By whose policy file a talk is held: what may be asked is not denied, but for git's own files. */
const FILES: Readonly<Record<ApprovalPolicy, UnaskedPolicy>> = {
  suggest: "suggest",
  "auto-edit": "auto-edit",
  ask: "auto-edit",
  "full-auto": "full-auto",
};

export const geminiLive = acpDriver({
  title: "Gemini CLI",
  policies: ["suggest", "auto-edit", "ask", "full-auto"],
  settings: (policy) => GEMINI_MODES[policy],
  command,
  takesModel: true,
  // A login that waits for a browser would hang.
  authMethod: null,
  loginHint: GEMINI_HINTS.login,
  failures: [],
  failureIn: ({ code, message, data }, startedAt) =>
    geminiFailure({ type: String(code), message, details: JSON.stringify(data ?? "") }, startedAt),
  steers: false,
});

function command(plan: TurnPlan<ApprovalPolicy>): AgentCommand<"channel"> {
  return { ...geminiCommand({ ...plan, policy: FILES[plan.policy] }, ["--acp"]), stdin: "channel" };
}
