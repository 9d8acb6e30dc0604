/**
 * Room `mcp`: Codex's own words for what a job may do, which callers of earlier servers have in their prompts, as a
 * policy of ours. Rule of the file: nothing that a caller says here may end in more than he said.
 *
 * @module
 */
import { invalidArgument } from "../../../domain/errors.ts";
import { ApprovalPolicy, cappedPolicy } from "../../../domain/agent/policy.ts";

const BY_SANDBOX = {
  "read-only": "suggest",
  "workspace-write": "auto-edit",
  "danger-full-access": "full-auto",
} as const satisfies Record<string, ApprovalPolicy>;

export const CODEX_SANDBOXES = ["read-only", "workspace-write", "danger-full-access"] as const;
export type CodexSandbox = typeof CODEX_SANDBOXES[number];

/** Codex's approval policies; `on-failure` is what old ones called `on-request`. */
const CODEX_APPROVALS = ["never", "on-request", "on-failure", "untrusted"] as const;

export const CODEX_POLICIES = [...ApprovalPolicy.options, ...CODEX_APPROVALS] as const;
export type CodexPolicy = typeof CODEX_POLICIES[number];

export interface ReadCodexPolicy {
  /** `undefined`: what the configuration says. */
  readonly policy: ApprovalPolicy | undefined;
  /** What to tell the caller when he does not get what he asked for. */
  readonly adjusted?: string;
}

/**
 * @param canAsk whether jobs of Codex can ask
 * @throws {AgentAsyncError} `invalid_argument` when the two words contradict each other
 */
export function readCodexPolicy(
  sandbox: CodexSandbox | undefined,
  word: CodexPolicy | undefined,
  { canAsk }: { canAsk: boolean },
): ReadCodexPolicy {
  const limit = sandbox === undefined ? undefined : BY_SANDBOX[sandbox];
  switch (word) {
    case undefined:
    case "never":
      return { policy: limit };
    case "on-request":
    case "on-failure":
    case "untrusted": {
      // Under `ask` the agent may write in its directory without asking, which a read-only sandbox rules out.
      if (canAsk && limit !== "suggest") return { policy: "ask" };
      // Nobody can be asked: what would have been asked is not allowed.
      const policy = cappedPolicy(limit ?? "auto-edit", "auto-edit");
      return {
        policy,
        adjusted: canAsk
          ? `approval_policy: a job that only reads does not ask, so ${policy} was taken for ${word}`
          : `approval_policy: a job cannot ask, so ${policy} was taken for ${word}`,
      };
    }
    default:
      if (word === "ask" && limit !== "suggest") return { policy: word };
      if (limit !== undefined && limit !== word) {
        throw invalidArgument(
          "approval_policy",
          `is ${word}, but sandbox ${sandbox} is ${limit}: give one of them`,
        );
      }
      return { policy: word };
  }
}
