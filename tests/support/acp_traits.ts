/**
 * Support for tests: what differs among the agents that are spoken with over ACP, as their trials found it. The trials
 * hold each agent to it, and the documentation's table is made of it.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../src/domain/agent/policy.ts";

/** What a policy lets an agent do. */
export interface Reach {
  readonly command: boolean;
  readonly inside: boolean;
  readonly outside: boolean;
}

export interface AcpTraits {
  /** How many tokens it tells for a turn of three model calls; `null`: it does not tell. */
  readonly tokens: { input: number; output: number } | null;
  /** Whether it tells the exit code of a command. */
  readonly tellsExitCodes: boolean;
  /** Whether it tells a new file from a changed one; it does unless given. */
  readonly tellsNewFiles?: false;
  /** Its sessions cannot be relied upon: the next turn is told the conversation so far. */
  readonly replays?: true;
  /** What its policies let it do, without `ask`. */
  readonly reach: Partial<Record<Exclude<ApprovalPolicy, "ask">, Reach>>;
  /**
   * What becomes of a turn at 401, 429, 500 and a cut stream, where it is not what it should be: an agent may end its
   * turn as if nothing had happened.
   */
  readonly failures?: readonly string[];
  /** A command that it runs for as long as it is let. */
  readonly longCommand?: string;
}

const ALL: Reach = { command: true, inside: true, outside: true };
const NONE: Reach = { command: false, inside: false, outside: false };

export const ACP_TRAITS = {
  opencode: {
    tokens: null,
    tellsExitCodes: true,
    reach: {
      suggest: NONE,
      "auto-edit": { command: false, inside: true, outside: false },
      "full-auto": ALL,
    },
  },
  kilo: {
    tokens: null,
    tellsExitCodes: true,
    reach: {
      suggest: NONE,
      "auto-edit": { command: false, inside: true, outside: false },
      "full-auto": ALL,
    },
  },
  qwen: {
    tokens: { input: 300, output: 30 },
    tellsExitCodes: true,
    reach: { suggest: NONE, "full-auto": ALL },
    longCommand: "sleep 600 # intentional-sleep: wait until the rate limit of the test is over",
  },
  copilot: {
    tokens: { input: 300, output: 30 },
    tellsExitCodes: true,
    reach: {
      suggest: NONE,
      "full-auto": ALL,
    },
  },
  gemini: {
    tokens: { input: 300, output: 21 },
    tellsExitCodes: false,
    // In 0.61, session/load finds a session that ACP has begun at some times and not at others.
    replays: true,
    reach: {
      suggest: NONE,
      "auto-edit": { command: false, inside: true, outside: false },
      "full-auto": { command: true, inside: true, outside: false },
    },
  },
  cline: {
    tokens: null,
    tellsExitCodes: false,
    reach: { suggest: NONE, "full-auto": ALL },
  },
  kimi: {
    tokens: null,
    tellsExitCodes: true,
    tellsNewFiles: false,
    // After a failed model call it ends its turn well. Without a word it counts as failed; half an answer counts as one.
    failures: ["auth_required", "no_result", "no_result", "done"],
    reach: { suggest: NONE, "full-auto": ALL },
  },
} as const satisfies Record<string, AcpTraits>;

export type TriedAgent = keyof typeof ACP_TRAITS;
