/**
 * Room `agents`: a two-way driver speaks a protocol with a living agent. It is as pure as a one-way one: a talk is a
 * fold over what the agent prints and over what is put into the talk from outside, so a later daemon that folds the same
 * lines and inputs again says the same and knows the same.
 *
 * @module
 */
import * as z from "zod";
import { ApprovalPolicy } from "../domain/agent/policy.ts";
import { Usage } from "../domain/turn/usage.ts";
import type { Answer } from "../domain/question/question.ts";
import type { AgentCommand, TurnPlan } from "./turn_command.ts";
import type { ReaderContext, Reading, TurnReader } from "./turn_reader.ts";

export interface LiveDriver {
  /** Version of this protocol's reading, 1 unless given; as `AgentDriver.revision`. */
  readonly revision?: number;
  /** The approval policies that it can keep; all of them, unless given. */
  readonly policies?: readonly ApprovalPolicy[];
  /** How the agent takes what is said while it works (`job_reply` with `when: "now"`); else it has to be interrupted. */
  readonly steers: "injected" | "queued" | null;
  /**
   * Whether turns run two-way where neither policy nor configuration asks for it: this driver has proved itself by the
   * same suite as the one-way one.
   */
  readonly isDefault?: true;
  /**
   * The oldest version of the agent with which it has proved itself, all unless given: with an older one, or one that is
   * not known, turns that need not be two-way are one-way.
   */
  readonly defaultSince?: string;
  /** As `AgentDriver.gracefulSignal`, where the agent heeds another one while it is spoken to. */
  readonly gracefulSignal?: "SIGINT" | "SIGTERM";
  /**
   * Whether it can be started with these arguments of the configuration; all can, unless given. With others, a turn that
   * need not be two-way is one-way.
   */
  takesArgs?(args: readonly string[]): boolean;
  command(plan: TurnPlan<ApprovalPolicy>): AgentCommand<"channel">;
  /** Begins a talk. Deterministic: it may depend on nothing but its arguments. */
  talk(context: TalkContext): Talk;
}

const paths = z.array(z.string()).readonly();

/** What a talk is made from. It is kept in the turn's launch record: a later daemon makes the talk again from it. */
export const TalkContext = z.object({
  sessionId: z.string().nullable(),
  sessionUsage: Usage.nullable(),
  startedAt: z.number(),
  cwd: z.string(),
  policy: ApprovalPolicy,
  model: z.string().nullable(),
  /** As `TurnPlan.newSessionId`. */
  newSessionId: z.string(),
  mcp: z.enum(["none", "inherit"]),
  /** As `TurnPlan`'s member of the same name. */
  mcpServers: paths,
  gitDirs: paths,
  ownGitDir: z.string().optional(),
  tempDirs: paths,
  nestedRepositories: paths,
  untrustedRoots: paths,
  /** The agent's version as detected, or `null`. */
  version: z.string().nullable(),
  /** As `TurnPlan.resultSchema`. */
  resultSchema: z.record(z.string(), z.unknown()).readonly().optional(),
});
export type TalkContext = Readonly<z.infer<typeof TalkContext>> & ReaderContext;

/**
 * What is put into a talk from outside. Each is in the journal before it is applied, with the number of bytes of whole
 * lines that had been read by then.
 */
export type TalkInput =
  /** The first of every talk: the handshake. */
  | { readonly kind: "open" }
  /** The turn's prompt. It may come before the handshake is over; then the talk says it as soon as it can. */
  | { readonly kind: "prompt"; readonly text: string }
  /** The question is open, and the answer is valid for it. */
  | { readonly kind: "answer"; readonly question_id: string; readonly answer: Answer }
  /** Nobody answers: the question is declined, or given up where it cannot be declined. */
  | { readonly kind: "refuse"; readonly question_id: string; readonly why: string }
  /** More to consider while it works. `key`: the caller's, unique in the turn. */
  | { readonly kind: "steer"; readonly key: string; readonly text: string }
  /** The agent is to end its turn in order: the first rung of a cancel, and what comes before a signal. */
  | { readonly kind: "interrupt" }
  /** Time has passed; for a talk that waits for something that may never come. */
  | { readonly kind: "tick" };

/** One turn's talk: a reader that is also spoken to. */
export interface Talk extends TurnReader {
  /** Puts `input` into the talk. Never throws. What the reader held back (`pause`) was taken before. */
  apply(input: TalkInput): Reading;
  /**
   * Whether the agent has said its last word and has no task of its own left, so that its stdin may be closed as soon
   * as everything said has been heard.
   */
  readonly isOver: boolean;
}

/** Policies under which a talk refuses by itself, at once, whatever its agent asks. */
export function asksNobody(policy: ApprovalPolicy): boolean {
  return policy !== "ask";
}
